"""Define the colours, labels and formats of withdrawals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.base import NOTHING, StrOrPromise, column
from backoffice.names import staff_name
from common.money import format_yuan
from events.models import Event
from risk.models import Assessment, Hold, Outcome
from withdrawals.errors import Blocker
from withdrawals.gateways.fail_reasons import FailureClass, classify
from withdrawals.models import Attempt, Policy, Withdrawal

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
FAILURE_LABELS = {
    FailureClass.MEMBER_MUST_ACT: _("the member must correct something"),
    FailureClass.WAIT: _("limit reached: may succeed later"),
    FailureClass.WE_MUST_ACT: _("we must correct something"),
    FailureClass.NEUTRAL: _("nothing is wrong"),
    FailureClass.RISK: _("held by the provider's risk control"),
    FailureClass.UNKNOWN: _("unknown: needs manual review"),
}
INPUT_LABELS = {
    "amount": _("this payment"),
    "income_before": _("paid before"),
    "withheld_before": _("withheld before"),
}


EVENT_LABELS: dict[str, str | Promise] = {
    "requested": _("requested"),
    "ops_approved": _("approved by operations"),
    "finance_approved_once": _("approved by the first of two finance reviewers"),
    "finance_approved": _("approved by finance"),
    "ready_to_collect": _("ready to collect"),
    "paying": _("payment started"),
    "paid": _("paid"),
    "rejected": _("rejected"),
    "cancelled": _("cancelled"),
    "failed": _("failed"),
    "returned": _("returned"),
    "review_restarted": _("sent back to review after a change"),
    "payout_failed": _("the provider could not pay"),
    "payout_refused": _("refused by the provider; sending stopped"),
    "payout_start_failed": _("the payout could not be started"),
    "reply_mismatch": _("the provider's reply does not match the payout"),
    "outcome_mismatch": _("the provider reports another outcome: investigate"),
    "cancel_requested": _("cancellation requested from the provider"),
    "retried_with_new_number": _("to be paid again under a new number"),
    "resent": _("to be sent again under the same number"),
    "marked_paid": _("marked as paid"),
    "marked_unpaid": _("marked as not paid"),
    "manual_resolution_proposed": _("a resolution is proposed"),
    "manual_resolution_refused": _("the resolution is refused"),
    "manually_resolved": _("resolved by two people"),
}
REASON_LABELS: dict[str, str | Promise] = {
    **dict(Withdrawal.EndReason.choices),
    "payee": _("payee or name"),
    "tax": _("tax"),
    "changed": _("payee, name, amounts or tax"),
}


def format_event(event: Event) -> str:
    """Return the event's label and its details."""
    name = event.name.removeprefix("withdrawals.")
    values = (event.data.get(name) for name in ("end_reason", "reason", "code", "number"))
    details = [str(REASON_LABELS.get(str(value), value)) for value in values if value]
    return " · ".join([str(EVENT_LABELS.get(name, event.name)), *details])


def format_actor(event: Event, names: Mapping[tuple[str, str], StrOrPromise]) -> StrOrPromise:
    """Return who did it, by the names that ``actor_names`` found."""
    if not event.actor_id:
        return _("the system")
    if event.actor_kind == "members.member":
        return _("the member")
    return names.get((event.actor_kind, event.actor_id), event.actor_id)


@column(_("action needed"))
def failure_class(_page: Any, row: Attempt) -> str:
    """Show, in a list of attempts, what a failure asks for."""
    failed = row.state == Attempt.State.FAIL
    return str(FAILURE_LABELS[classify(row.fail_reason)]) if failed else NOTHING


def format_regime(name: str, version: int) -> str:
    known = dict(Policy.Regime.choices)
    return str(
        _("%(regime)s, version %(version)s") % {"regime": known.get(name, name), "version": version}
    )


def format_tax_inputs(inputs: Mapping[str, Any]) -> str:
    """Format the inputs of a tax entry, in yuan."""
    parts = [
        f"{words} {format_yuan(inputs[name])}"
        for name, words in INPUT_LABELS.items()
        if name in inputs
    ]
    if "months" in inputs:
        parts.append(f"{_('months')} {inputs['months']}")
    return " · ".join(parts) or NOTHING


def format_blockers(blockers: Iterable[Blocker]) -> str:
    """Return all blockers of a withdrawal, or nothing."""
    labels, holds = split_blockers(blockers)
    return " · ".join([*labels, *map(format_hold, holds)])


def split_blockers(blockers: Iterable[Blocker]) -> tuple[list[str], list[Hold]]:
    """Return the labels of blockers, and the risk holds, which have a page instead."""
    rows = list(blockers)
    labels = [str(blocker.label) for blocker in rows if blocker.label]
    return labels, [hold for blocker in rows for hold in blocker.holds]


def format_hold(hold: Hold) -> str:
    return f"{_('risk')}: {hold.get_rule_display()}"


@dataclass(frozen=True)
class RiskSummary:
    """The assessments of a withdrawal, counted: only what holds it is named."""

    holding: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    passed: int = 0
    unknown: int = 0

    def __str__(self) -> str:
        parts = [*self.holding, *self.released]
        if self.passed:
            parts.append(str(_("%(passed)s passed") % {"passed": self.passed}))
        if self.unknown:
            parts.append(str(_("%(unknown)s without data") % {"unknown": self.unknown}))
        return " · ".join(parts) or str(_("not assessed"))


def summarize_risk(assessed: Iterable[Assessment]) -> RiskSummary:
    """Name the rules that hold a withdrawal or were released, and count the others."""
    rows = list(assessed)
    stopping = [row for row in rows if row.outcome in {Outcome.HOLD, Outcome.BLOCK}]
    return RiskSummary(
        holding=tuple(_outcome_of(row) for row in stopping if not _release(row)),
        released=tuple(_outcome_of(row) for row in stopping if _release(row)),
        passed=sum(row.outcome == Outcome.PASS for row in rows),
        unknown=sum(row.outcome == Outcome.NOT_ASSESSED for row in rows),
    )


def format_risk(assessed: Iterable[Assessment]) -> str:
    """Return in one line which risk rules hold, how many passed and how many had no data."""
    return str(summarize_risk(assessed))


def _outcome_of(row: Assessment) -> str:
    """Return the rule, and held, blocked, or the reason of its release."""
    release = _release(row)
    if release is None:
        return f"{row.get_rule_display()}: {row.get_outcome_display()}"
    by = staff_name(release.released_by)
    return f"{row.get_rule_display()}: {_('released')} ({by}: {release.release_reason})"


def _release(row: Assessment) -> Hold | None:
    released: Hold | None = getattr(row, "released", None)
    return released if released and released.released_by else None
