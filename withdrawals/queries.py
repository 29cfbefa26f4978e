"""Queries for the people who review and pay withdrawals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events.models import Reference
from risk.models import Assessment, Hold, with_subject_in
from withdrawals import eligibility
from withdrawals.gateways import gateway
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts.channels import pauses

AWAITING_PAYOUT = (Withdrawal.Status.FINANCE_APPROVED, Withdrawal.Status.READY_TO_COLLECT)


@dataclass(frozen=True, slots=True)
class WithdrawalBlockers:
    """What blocks a withdrawal now, in words for staff, and its open risk holds."""

    messages: tuple[str | Promise, ...] = ()
    holds: tuple[Hold, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.messages or self.holds)


def blockers(withdrawals: Iterable[Withdrawal]) -> dict[int, WithdrawalBlockers]:
    """Return ``eligibility.blockers`` and channel pauses of withdrawals before their payment.

    By withdrawal key, in a constant number of queries. Nothing is locked: the services check again.
    """
    waiting = [row for row in withdrawals if row.status in Withdrawal.BEFORE_PAYING]
    if not waiting:
        return {}
    paused, by_key = pause_messages(), eligibility.blockers(waiting)
    return {
        row.pk: WithdrawalBlockers(
            (
                *(blocker.label for blocker in by_key[row.pk] if blocker.label),
                *(paused if row.status in AWAITING_PAYOUT else ()),
            ),
            tuple(hold for blocker in by_key[row.pk] for hold in blocker.holds),
        )
        for row in waiting
    }


def pause_messages() -> tuple[str | Promise, ...]:
    """Return why payouts of the configured gateway are paused; empty if they are not."""
    return tuple(
        _("payouts are paused: %(pause_reason)s") % {"pause_reason": pause.pause_reason}
        for pause in pauses(gateway().name)
    )


def assessments(withdrawals: Iterable[Withdrawal]) -> dict[int, list[Assessment]]:
    """Return the latest assessment of each rule, by withdrawal key; empty if never assessed.

    An assessment's ``released`` is its hold if a person has released it since.
    """
    keys = {Reference.to(withdrawal): withdrawal.pk for withdrawal in withdrawals}
    latest: dict[int, dict[str, Assessment]] = {key: {} for key in keys.values()}
    for row in Assessment.objects.filter(with_subject_in(keys)).order_by("pk"):
        latest[keys[row.subject]][row.rule] = row
    holds = Hold.objects.filter(with_subject_in(keys)).select_related("released_by")
    for hold in holds.order_by("pk"):
        assessment = latest[keys[hold.subject]].get(hold.rule)
        if assessment:
            assessment.released = hold if hold.released_at else None  # type: ignore[attr-defined]
    return {key: list(by_rule.values()) for key, by_rule in latest.items()}


def live_attempts(withdrawals: Iterable[Withdrawal]) -> dict[int, Attempt]:
    """Return the attempts that may have paid or may still pay: at most one a withdrawal, by key."""
    keys = [withdrawal.pk for withdrawal in withdrawals]
    attempts = Attempt.objects.filter(withdrawal__in=keys).live()
    return {attempt.withdrawal_id: attempt for attempt in attempts}
