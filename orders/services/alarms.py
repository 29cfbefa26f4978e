"""Refunds that are promised and not made."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from common.locks import advisory_lock
from events.models import Event
from events.services import record
from orders.events import ORDERS_REFUND_OVERDUE
from orders.models import Policy, Refund

log = structlog.get_logger(__name__)


@transaction.atomic
def alarm_overdue_refunds(*, at: datetime) -> int:
    """Raise an alarm, once, for each refund that was approved long ago and is not done.

    The alarm is a recorded fact and an error in the log.

    :returns: how many are new
    """
    advisory_lock(ORDERS_REFUND_OVERDUE.name)
    told = Event.objects.filter(
        name=ORDERS_REFUND_OVERDUE.name,
        subject_kind="orders.refund",
        subject_id=OuterRef("public_id"),
    )
    days = timedelta(days=Policy.current().refund_alarm_days)
    new = list(Refund.objects.overdue(at - days).exclude(Exists(told)).order_by("pk"))
    if new:
        record(ORDERS_REFUND_OVERDUE, new, at=at)
        log.error("refunds_overdue", refunds=[refund.number for refund in new])
    return len(new)
