"""Raise alarms for orders and refunds that wait too long, or for a person."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from alarms.kinds import (
    CLOSURES_UNDECIDED,
    ORDER_CONFLICTS,
    ORDERS_NOT_COMPLETED,
    RECEIPTS_OVERDUE,
    REFUNDS_OVERDUE,
    AlarmKind,
)
from alarms.services import sync_alarms
from events.models import Reference
from events.services import record
from orders.events import ORDERS_REFUND_OVERDUE
from orders.models import Order, Policy, Refund
from orders.queries import open_conflicts_by_source

log = structlog.get_logger(__name__)


@transaction.atomic
def alarm_overdue_refunds(*, at: datetime) -> int:
    """Alert once for each refund that was approved long ago and is not done.

    Each is an event. Together they are one alarm, which closes when none is overdue.

    :returns: the number of new alarms
    """
    days = timedelta(days=Policy.current().refund_alarm_days)
    overdue = Refund.objects.overdue(at - days)
    # A refund that is changing is skipped until the next run: waiting here could deadlock.
    unalerted = overdue.filter(overdue_alerted_at=None).order_by("pk")
    refunds = list(unalerted.select_for_update(no_key=True, skip_locked=True))
    if refunds:
        keys = [refund.pk for refund in refunds]
        Refund.objects.filter(pk__in=keys).update(overdue_alerted_at=at)
        record(ORDERS_REFUND_OVERDUE, refunds, at=at)
        log.error("refunds_overdue", refunds=[refund.number for refund in refunds])
    _sync_count(REFUNDS_OVERDUE, overdue.count(), at=at)
    return len(refunds)


def alarm_waiting_orders(*, at: datetime) -> None:
    """Alert about orders that wait for a receipt, for a decision, or for the end of a fault.

    Each kind is one alarm, that of conflicts one for each source; it closes when no such order is
    left.
    """
    days = timedelta(days=Policy.current().receipt_alarm_days)
    _sync_count(RECEIPTS_OVERDUE, Order.objects.not_received_since(at - days).count(), at=at)
    _sync_count(CLOSURES_UNDECIDED, Order.objects.awaiting_closure_decision().count(), at=at)
    failed = Order.objects.filter(completed_at=None, completion_failed_at__isnull=False)
    _sync_count(ORDERS_NOT_COMPLETED, failed.count(), at=at)
    sync_conflict_alarms(at=at)


def sync_conflict_alarms(*, at: datetime) -> None:
    """Raise an alarm for each source with open conflicts, and close those of the others."""
    causes = {
        Reference(ORDER_CONFLICTS.subject, source): {"count": count}
        for source, count in open_conflicts_by_source().items()
    }
    sync_alarms(ORDER_CONFLICTS, causes, at=at)


def _sync_count(kind: AlarmKind, count: int, *, at: datetime) -> None:
    """Raise the one alarm of a kind while there is something to count."""
    waiting = Reference(kind.subject, "waiting")
    sync_alarms(kind, {waiting: {"count": count}} if count else {}, at=at)
