"""Queries for the people who review and pay withdrawals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Min
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from events.models import Reference
from risk.models import Assessment, Hold, with_subject_in
from withdrawals import eligibility
from withdrawals.errors import Blocker, BlockerCode, ChannelPaused
from withdrawals.gateways import gateway, gateway_for
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts import channels

APPROVED_AT = Coalesce("second_reviewed_at", "finance_reviewed_at")
MAX_WAITING = 1_000
AWAITING_PAYOUT = (Withdrawal.Status.FINANCE_APPROVED, Withdrawal.Status.READY_TO_COLLECT)


def blockers(withdrawals: Iterable[Withdrawal]) -> dict[int, list[Blocker]]:
    """Return what blocks each withdrawal before its payment; nothing blocks one that is past it.

    ``eligibility.blockers`` and channel pauses, by withdrawal key, in a constant number of queries.
    Nothing is locked: the services check again.
    """
    rows = list(withdrawals)
    waiting = [row for row in rows if row.status in Withdrawal.BEFORE_PAYING]
    by_key = eligibility.blockers(waiting) if waiting else {}
    names = {row.pk: gateway_for(row.payee.channel).name for row in waiting}
    pauses = {name: pause_blockers(name) for name in set(names.values())}
    return {
        row.pk: [
            *by_key.get(row.pk, []),
            *(pauses[names[row.pk]] if row.status in AWAITING_PAYOUT else []),
        ]
        for row in rows
    }


def pause_blockers(name: str = "") -> list[Blocker]:
    """Return why payouts of a gateway are paused; empty if they are not.

    :param name: of the gateway; the configured one if empty
    """
    return [
        Blocker(
            BlockerCode.PAYOUTS_PAUSED,
            ChannelPaused.message % {"pause_reason": pause.pause_reason},
            _("payouts are paused: %(pause_reason)s") % {"pause_reason": pause.pause_reason},
        )
        for pause in channels.pauses(name or gateway().name)
    ]  # fmt: skip


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


def oldest_unstarted_age(*, at: datetime) -> int:
    """Return the seconds since the oldest approved withdrawal without a payout; 0 if none waits.

    One that waits for its member to collect, or is blocked itself, such as by a risk hold, is not
    counted.
    """
    waiting = Withdrawal.objects.filter(status=Withdrawal.Status.FINANCE_APPROVED)
    rows = waiting.select_related("payee").order_by(APPROVED_AT, "pk")
    oldest_first = list(rows[:MAX_WAITING])
    by_key = eligibility.blockers(oldest_first) if oldest_first else {}
    moments = [
        row.second_reviewed_at or row.finance_reviewed_at
        for row in oldest_first
        # The missing regime blocks all of them: money has stopped.
        if all(blocker == eligibility.TAX_REGIME_MISSING for blocker in by_key[row.pk])
    ]
    return _age(moments[0] if moments else None, at)


def oldest_unprocessed_attempt_age(*, at: datetime) -> int:
    """Return the seconds since the oldest attempt was due to be sent or polled; 0 if none is."""
    due = Attempt.objects.due(at)
    return _age(due.aggregate(oldest=Min("next_run_at"))["oldest"], at)


def _age(oldest: datetime | None, at: datetime) -> int:
    return max(0, int((at - oldest).total_seconds())) if oldest else 0
