"""Alert on payouts that take too long or end otherwise at the provider."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet

from alarms.kinds import (
    OUTCOME_MISMATCH,
    PAYOUT_OVERDUE,
    PAYOUT_START_FAILED,
    PAYOUT_STOPPED,
    AlarmKind,
)
from alarms.services import raise_alarm, sync_alarms
from events.models import Reference
from events.services import record
from withdrawals.events import WITHDRAWALS_OUTCOME_MISMATCH, WITHDRAWALS_PAYOUT_OVERDUE
from withdrawals.gateways.base import State
from withdrawals.models import Attempt, Withdrawal

# The provider closes an unconfirmed payment after 24 hours, sometimes an hour later; it forgets a
# payment after 30 days.
ALERTS = {
    "alerted_overdue_at": timedelta(hours=26),
    "alerted_expiring_at": timedelta(days=25),
}
OVERDUE_AFTER = min(ALERTS.values())
# A failure to start is reported once a day while it lasts.
REPORTED_AGAIN_AFTER = timedelta(hours=26)
REPLY_MISMATCH = "reply_mismatch"


@transaction.atomic
def alarm_overdue_payouts(*, at: datetime) -> None:
    """Alert on every overdue attempt, including those that are not polled.

    There is one alarm for each gateway; it closes when none of its attempts is overdue.
    """
    overdue = Attempt.objects.filter(ended_at=None, created_at__lte=at - OVERDUE_AFTER)
    for attempt in overdue:
        alarm_if_overdue(attempt, at=at)
    _alarm_by_gateway(PAYOUT_OVERDUE, overdue, at=at)


@transaction.atomic
def alarm_stopped_payouts(*, at: datetime) -> None:
    """Alert on payouts that only a person can continue, and on those that cannot be started."""
    stopped = Attempt.objects.filter(
        Q(stopped_at__isnull=False) | Q(last_error=REPLY_MISMATCH), ended_at=None
    )
    _alarm_by_gateway(PAYOUT_STOPPED, stopped, at=at)
    unstarted = Withdrawal.objects.filter(
        status__in=Withdrawal.BEFORE_PAYING, start_failed_at__gte=at - REPORTED_AGAIN_AFTER
    ).count()
    subject = Reference(PAYOUT_START_FAILED.subject, settings.PAYOUT_GATEWAY)
    causes = {subject: {"payouts": unstarted}} if unstarted else {}
    sync_alarms(PAYOUT_START_FAILED, causes, at=at)


def _alarm_by_gateway(kind: AlarmKind, attempts: QuerySet[Attempt], *, at: datetime) -> None:
    rows = attempts.order_by().values_list("gateway").annotate(Count("pk"), Min("created_at"))
    causes = {
        Reference(kind.subject, gateway): {"payouts": count, "oldest": oldest}
        for gateway, count, oldest in rows
    }
    sync_alarms(kind, causes, at=at)


def alarm_if_overdue(attempt: Attempt, *, at: datetime) -> None:
    """Record each of the two alerts once."""
    if attempt.ended_at:
        return
    for column, after in ALERTS.items():
        if at < attempt.created_at + after or getattr(attempt, column):
            continue
        unalerted = Attempt.objects.filter(pk=attempt.pk, ended_at=None, **{column: None})
        if unalerted.update(**{column: at}):
            record(
                WITHDRAWALS_PAYOUT_OVERDUE,
                Reference("withdrawals.attempt", attempt.out_bill_no),
                at=at,
                hours=int(after.total_seconds() // 3600),
            )


def report_outcome_mismatch(attempt: Attempt, state: State, *, at: datetime) -> None:
    """Report that the provider's final state differs from the attempt's, which stays as it is.

    A payment recorded as unpaid but paid at the provider blocks its withdrawal from now on.
    """
    if state is State.SUCCESS:
        Attempt.objects.filter(pk=attempt.pk, outcome_mismatch_at=None).update(
            outcome_mismatch_at=at
        )
    record(
        WITHDRAWALS_OUTCOME_MISMATCH,
        attempt.withdrawal,
        at=at,
        number=attempt.out_bill_no,
        code=state.value,
    )
    raise_alarm(
        OUTCOME_MISMATCH, attempt.withdrawal, at=at, number=attempt.out_bill_no, state=state.value
    )
