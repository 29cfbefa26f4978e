"""Lead from a difference to the rows that disagree."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from backoffice.menu import Target
from backoffice.references import register_kind
from closing.models import Control, StatementLine
from ledger.chart import Kind

NUMBERED = re.compile(r"(commission|account|transfer) (\d+)\b")
ORDER = re.compile(r"order (.+), line .+")
NOUNS = {
    "commission": _("commission"), "account": _("account"), "transfer": _("transfer"),
    "withdrawal": _("withdrawal"), "order": _("order"), "award": _("award"),
    "awards": _("awards"), "budget": _("budget"),
}  # fmt: skip
FAULTS = {
    "neither due nor held": _("neither due nor held"),
    "due although held": _("due although held"),
    "due otherwise than it stands": _("due otherwise than it stands"),
    "protected to another day than its order": _("protected to another day than its order"),
    "overdue": _("overdue"),
    "moves": _("moves"),
}
PAGES = {
    "commission": "commissions.commission", "account": "ledger.account",
    "transfer": "ledger.transfer",
}  # fmt: skip


def subject_words(subject: str) -> str:
    """Return what a difference is about in the reader's language, as far as it is no number."""
    text, colon, fault = subject.partition(": ")
    noun, space, rest = text.partition(" ")
    words = f"{NOUNS.get(noun, noun) if space else noun}{space}{rest}"
    return f"{words}{colon}{FAULTS.get(fault, fault)}"


def target_of(control: str, subject: str) -> Target | None:
    """Return where the rows of a difference are; ``None`` if there are none to show."""
    if match := NUMBERED.match(subject):
        return Target(PAGES[match[1]], row=match[2])
    if match := ORDER.fullmatch(subject):
        return _listed("orders.order", q=match[1])
    find = TARGETS.get(control)
    return find(subject) if find else None


def _listed(model: str, **filters: str) -> Target:
    return Target(model, filters=filters)


def _line_or_attempt(subject: str) -> Target:
    if subject == "suspense":
        return _listed("closing.statementline", status__exact="suspended")
    line = StatementLine.objects.filter(number=subject).values_list("pk", flat=True).first()
    if line:
        return Target("closing.statementline", row=line)
    return _listed("withdrawals.attempt", q=subject)


def _tax(subject: str) -> Target:
    if subject.startswith("released: "):
        return _listed("withdrawals.taxentry", q=subject.removeprefix("released: "))
    return _listed("closing.treasurydocument", kind__exact="remittance")


def _converted(subject: str) -> Target:
    return _listed("withdrawals.withdrawal", q=subject.removeprefix("withdrawal "))


def _expense(subject: str) -> Target:
    if subject.startswith("awards "):
        asset = subject.removeprefix("awards ")
        return _listed("ledger.account", asset__exact=asset, kind__exact=Kind.INCENTIVE_EXPENSE)
    return _listed("ledger.account", asset__exact=subject)


TARGETS: dict[str, Callable[[str], Target]] = {
    Control.HELD: lambda subject: _listed("ledger.account", q=subject, kind__exact=Kind.HELD),
    Control.CLEARING: lambda _subject: _listed("withdrawals.attempt", state__exact="success"),
    Control.STATEMENT_LINES: _line_or_attempt,
    Control.STATEMENTS: lambda _subject: Target("closing.providerstatement"),
    Control.PROVIDER: lambda _subject: Target("closing.providerstatement"),
    Control.CONVERSION: _converted,
    Control.TAX: _tax,
    Control.EXPENSE: _expense,
    Control.SUSPENSE: _line_or_attempt,
    Control.CHAIN: lambda _subject: Target("ledger.period"),
}
"""Where a difference leads, by its control, if its subject names no row by number."""


register_kind("closing.control", _("control"), lambda name: dict(Control.choices).get(name, name))
