"""How this room says things on pages, in files and in the terminal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from closing.models import Control
from common.money import format_yuan

FAULT_LABELS = {
    "size": _("the file is too large"),
    "encoding": _("the file is not UTF-8"),
    "columns": _("this column is not known"),
    "fields": _("the fields are not as many, or not marked, as they must be"),
    "time": _("this is no time"),
    "day": _("this is another day"),
    "direction": _("it neither comes in nor goes out"),
    "amount": _("this is no amount"),
    "balance": _("the balance does not follow from the line before"),
    "number": _("the number is missing"),
    "twice": _("this movement has been there before"),
    "text": _("the text is too long, or not printable"),
    "summary": _("the sum is not that of the rows"),
    "no_rows": _("there are no rows"),
}


COUNT_SUBJECTS = {(Control.EXPENSE, "points")}


def format_amount(minor: int | None, *, control: str, subject: str) -> str:
    """Yuan; what is counted, such as points, bills and the transfers of a month, as it is."""
    if minor is None:
        return "–"
    if (
        control in {Control.STATEMENTS, Control.CHAIN, Control.ACCOUNTS}
        or (control, subject) in COUNT_SUBJECTS
    ):
        return f"{minor:,}"
    return format_yuan(minor)
