"""Raise alarms for refunds that were approved and not done."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from events.services import record
from orders.events import ORDERS_REFUND_OVERDUE
from orders.models import Policy, Refund

log = structlog.get_logger(__name__)


@transaction.atomic
def alarm_overdue_refunds(*, at: datetime) -> int:
    """Alert once for each refund that was approved long ago and is not done.

    The alarm is an event and an error in the log.

    :returns: the number of new alarms
    """
    days = timedelta(days=Policy.current().refund_alarm_days)
    overdue = Refund.objects.overdue(at - days).filter(overdue_alerted_at=None)
    # A refund that is changing is skipped until the next run: waiting here could deadlock.
    refunds = list(overdue.order_by("pk").select_for_update(no_key=True, skip_locked=True))
    if refunds:
        keys = [refund.pk for refund in refunds]
        Refund.objects.filter(pk__in=keys).update(overdue_alerted_at=at)
        record(ORDERS_REFUND_OVERDUE, refunds, at=at)
        log.error("refunds_overdue", refunds=[refund.number for refund in refunds])
    return len(refunds)
