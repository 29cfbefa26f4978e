"""How amounts, names and states of withdrawals are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.money import format_yuan
from risk.models import Assessment, Hold, Outcome
from withdrawals.gateways.reasons import Class, sort
from withdrawals.models import Attempt, Policy
from withdrawals.queries import InTheWay

NOTHING = "–"
STATUS_COLOURS = {
    "requested": "warning",
    "ops_approved": "warning",
    "finance_approved": "info",
    "ready_to_collect": "info",
    "paying": "primary",
    "paid": "success",
    "rejected": "danger",
    "cancelled": "info",
    "failed": "danger",
    "returned": "danger",
}
STATE_COLOURS = {
    "created": "info",
    "unknown": "warning",
    "accepted": "info",
    "processing": "info",
    "wait_user_confirm": "info",
    "transfering": "info",
    "canceling": "warning",
    "success": "success",
    "fail": "danger",
    "cancelled": "danger",
}
SORTED = {
    Class.MEMBER_MUST_ACT: _("the member has to mend something"),
    Class.WAIT: _("a limit: later it may go through"),
    Class.WE_MUST_ACT: _("we have to mend something"),
    Class.NEUTRAL: _("nothing is wrong"),
    Class.RISK: _("the provider suspects something"),
    Class.PERSON: _("not known: somebody has to look at it"),
}
COMPUTED_FROM = {
    "amount": _("this payment"),
    "income_before": _("paid before"),
    "withheld_before": _("withheld before"),
}


def sorted_failure(attempt: Attempt) -> str:
    if attempt.state != Attempt.State.FAIL:
        return NOTHING
    return str(SORTED[sort(attempt.fail_reason)])


def regime(name: str, version: int) -> str:
    known = dict(Policy.Regime.choices)
    return str(
        _("%(regime)s, version %(version)s") % {"regime": known.get(name, name), "version": version}
    )


def computed_from(inputs: Mapping[str, Any]) -> str:
    """A tax entry's inputs, in yuan."""
    parts = [
        f"{words} {format_yuan(inputs[name])}"
        for name, words in COMPUTED_FROM.items()
        if name in inputs
    ]
    if "months" in inputs:
        parts.append(f"{_('months')} {inputs['months']}")
    return " · ".join(parts) or NOTHING


def stopped_by(found: InTheWay | None) -> str:
    """All that is in the way of a withdrawal."""
    if not found:
        return ""
    words: list[str | Promise] = [*found.blockers, *map(hold_in_words, found.holds)]
    return " · ".join(map(str, words))


def hold_in_words(hold: Hold) -> str:
    return f"{_('risk')}: {hold.get_rule_display()}"


def risk_in_words(found: Iterable[Assessment]) -> str:
    """What rules have said: how many passed, and each that did not."""
    rows = list(found)
    if not rows:
        return str(_("not assessed"))
    passed = sum(row.outcome == Outcome.PASS for row in rows)
    unknown = [row.get_rule_display() for row in rows if row.outcome == Outcome.NOT_ASSESSED]
    parts = [
        f"{row.get_rule_display()}: {row.get_outcome_display()}"
        for row in rows
        if row.outcome in {Outcome.HOLD, Outcome.BLOCK}
    ]
    if unknown:
        parts.append(f"{_('not assessed')}: {'、'.join(unknown)}")
    if passed:
        parts.append(str(_("%(passed)s passed") % {"passed": passed}))
    return " · ".join(parts)
