"""Alert on payouts that take too long or end otherwise at the provider."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min

from alarms.kinds import OUTCOME_MISMATCH, PAYOUT_OVERDUE
from alarms.services import raise_alarm, sync_alarms
from events.models import Reference
from events.services import record
from withdrawals.events import WITHDRAWALS_OUTCOME_MISMATCH, WITHDRAWALS_PAYOUT_OVERDUE
from withdrawals.gateways.base import State
from withdrawals.models import Attempt

# The provider closes an unconfirmed payment after 24 hours, sometimes an hour later; it forgets a
# payment after 30 days.
ALERTS = {
    "alerted_overdue_at": timedelta(hours=26),
    "alerted_expiring_at": timedelta(days=25),
}
OVERDUE_AFTER = min(ALERTS.values())


@transaction.atomic
def alarm_overdue_payouts(*, at: datetime) -> None:
    """Alert on every overdue attempt, including those that are not polled.

    There is one alarm for each gateway; it closes when none of its attempts is overdue.
    """
    overdue = Attempt.objects.filter(ended_at=None, created_at__lte=at - OVERDUE_AFTER)
    for attempt in overdue:
        alarm_if_overdue(attempt, at=at)
    by_gateway = overdue.order_by().values_list("gateway").annotate(Count("pk"), Min("created_at"))
    causes = {
        Reference(PAYOUT_OVERDUE.subject, gateway): {"payouts": count, "oldest": oldest}
        for gateway, count, oldest in by_gateway
    }
    sync_alarms(PAYOUT_OVERDUE, causes, at=at)


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
