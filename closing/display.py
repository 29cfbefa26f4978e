"""Labels and formats for pages, files and the terminal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from closing.models import Control
from common.money import format_yuan

FAULT_LABELS = {
    "size": _("the file is too large"),
    "encoding": _("the file is not UTF-8"),
    "columns": _("unknown column"),
    "fields": _("wrong number of fields, or a field without its mark"),
    "time": _("not a valid time"),
    "day": _("not the day of the statement"),
    "direction": _("neither income nor expense"),
    "amount": _("not a valid amount"),
    "balance": _("the balance does not follow from the previous line"),
    "number": _("the number is missing"),
    "twice": _("duplicate movement"),
    "text": _("the text is too long or not printable"),
    "summary": _("the total does not equal the sum of the lines"),
    "no_rows": _("there are no lines"),
}


COUNT_SUBJECTS = {(Control.EXPENSE, "points")}


def format_amount(minor: int | None, *, control: str, subject: str) -> str:
    """Format an amount in yuan; counts (points, statements, transfers) as plain numbers."""
    if minor is None:
        return "–"
    if (
        control in {Control.STATEMENTS, Control.CHAIN, Control.ACCOUNTS}
        or (control, subject) in COUNT_SUBJECTS
    ):
        return f"{minor:,}"
    return format_yuan(minor)
