"""Somebody looks at what takes too long."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from events.models import Event, Reference
from events.services import record
from withdrawals.events import WITHDRAWALS_OUTCOME_MISMATCH, WITHDRAWALS_PAYOUT_OVERDUE
from withdrawals.gateways.base import State
from withdrawals.models import Attempt

# A bill that its member does not confirm is closed after 24 hours, sometimes an hour later.
OVERDUE_AFTER = timedelta(hours=26)
EXPIRING_AFTER = timedelta(days=25)  # providers forget after 30


@transaction.atomic
def alarm_overdue(*, at: datetime) -> None:
    """Tell of every attempt that takes too long, also of those that nobody asks for."""
    for attempt in Attempt.objects.filter(ended_at=None, created_at__lte=at - OVERDUE_AFTER):
        alarm_if_overdue(attempt, at=at)


def alarm_if_overdue(attempt: Attempt, *, at: datetime) -> None:
    """Told once for each of the two moments."""
    if attempt.ended_at:
        return
    for after in (OVERDUE_AFTER, EXPIRING_AFTER):
        if at < attempt.created_at + after:
            continue
        about = Reference("withdrawals.attempt", attempt.out_bill_no)
        hours = int(after.total_seconds() // 3600)
        told = Event.objects.filter(
            name=WITHDRAWALS_PAYOUT_OVERDUE.name,
            subject_kind=about.kind,
            subject_id=about.id,
            data__hours=hours,
        )
        if not told.exists():
            record(WITHDRAWALS_PAYOUT_OVERDUE, about, at=at, hours=hours)


def report_outcome_mismatch(attempt: Attempt, state: State, *, at: datetime) -> None:
    """An end stays as it is; but somebody has to hear that the provider says another one."""
    record(
        WITHDRAWALS_OUTCOME_MISMATCH,
        attempt.withdrawal,
        at=at,
        number=attempt.out_bill_no,
        code=state.value,
    )
