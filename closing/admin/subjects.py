"""Lead from a difference to the rows that disagree."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from backoffice.references import register_kind
from closing.models import Control, StatementLine
from ledger.chart import Kind

NUMBERED = re.compile(r"(commission|account|transfer) (\d+)\b")
ORDER = re.compile(r"order (.+), line .+")
NOUNS = {
    "commission": _("commission"), "account": _("account"), "transfer": _("transfer"),
    "withdrawal": _("withdrawal"), "order": _("order"),
}  # fmt: skip
FAULTS = {
    "neither due nor held": _("neither due nor held"),
    "due although held": _("due although held"),
    "due otherwise than it stands": _("due otherwise than it stands"),
    "protected to another day than its order": _("protected to another day than its order"),
    "overdue": _("overdue"),
}
PAGES = {
    "commission": "commissions.commission", "account": "ledger.account",
    "transfer": "ledger.transfer",
}  # fmt: skip

Target = tuple[str, str]
"""A model, and the key of its row or the query of its list, such as ``?q=1``."""


def subject_words(subject: str) -> str:
    """Return what a difference is about in the reader's language, as far as it is no number."""
    text, colon, fault = subject.partition(": ")
    noun, space, rest = text.partition(" ")
    words = f"{NOUNS.get(noun, noun) if space else noun}{space}{rest}"
    return f"{words}{colon}{FAULTS.get(fault, fault)}"


def target_of(control: str, subject: str) -> Target | None:
    """Return where the rows of a difference are; ``None`` if there are none to show."""
    if match := NUMBERED.match(subject):
        return PAGES[match[1]], match[2]
    if match := ORDER.fullmatch(subject):
        return "orders.order", _query(q=match[1])
    if control == Control.HELD:
        return "ledger.account", _query(q=subject, kind__exact=Kind.HELD)
    if control in (Control.STATEMENT_LINES, Control.SUSPENSE):
        return _line_or_attempt(subject)
    return _of_control(control, subject)


def _line_or_attempt(subject: str) -> Target:
    if subject == "suspense":
        return "closing.statementline", _query(status__exact="suspended")
    line = StatementLine.objects.filter(number=subject).values_list("pk", flat=True).first()
    if line:
        return "closing.statementline", str(line)
    return "withdrawals.attempt", _query(q=subject)


def _tax(subject: str) -> Target:
    if subject.startswith("released: "):
        return "withdrawals.taxentry", _query(q=subject.removeprefix("released: "))
    return "closing.treasurydocument", _query(kind__exact="remittance")


def _of_control(control: str, subject: str) -> Target | None:
    match control:
        case Control.CONVERSION:
            number = subject.removeprefix("withdrawal ")
            target: Target | None = ("withdrawals.withdrawal", _query(q=number))
        case Control.TAX:
            target = _tax(subject)
        case Control.CLEARING:
            target = "withdrawals.attempt", _query(state__exact="success")
        case Control.STATEMENTS | Control.PROVIDER:
            target = "closing.providerstatement", ""
        case Control.EXPENSE:
            target = "ledger.account", _query(asset__exact=subject)
        case Control.CHAIN:
            target = "ledger.period", ""
        case _:
            target = None
    return target


def _query(**values: str) -> str:
    return f"?{urlencode(values)}"


register_kind("closing.control", _("control"), lambda name: dict(Control.choices).get(name, name))
