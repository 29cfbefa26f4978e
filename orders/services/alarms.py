"""Raise alarms for refunds that were approved and not done."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from alarms.kinds import REFUNDS_OVERDUE
from alarms.services import sync_alarms
from events.models import Reference
from events.services import record
from orders.events import ORDERS_REFUND_OVERDUE
from orders.models import Policy, Refund

log = structlog.get_logger(__name__)

OVERDUE = Reference(REFUNDS_OVERDUE.subject, "overdue")


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
    count = overdue.count()
    sync_alarms(REFUNDS_OVERDUE, {OVERDUE: {"refunds": count}} if count else {}, at=at)
    return len(refunds)
