"""Complete received orders once their protection is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from common.batches import bisect_failures
from common.errors import TwotierError
from distribution.services import Purchase, record_purchases
from events.services import record
from orders.events import ORDERS_COMPLETED
from orders.models import Order, OrderLine, Refund

log = structlog.get_logger(__name__)

BATCH_SIZE = 500
RETRY_AFTER = timedelta(hours=1)

# Errors of a single order, which is tried again later. Any other error is a bug and stops the task.
ROW_ERRORS = (DatabaseError, TwotierError)


@transaction.atomic
def complete(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Complete orders whose protection is over; the unrefunded part counts for the buyer.

    An order with an open refund waits for its outcome, a closed one with goods left and one with an
    open conflict for a decision. A batch that fails is halved until the faulty order is alone; it
    is tried again after an hour.

    :returns: how many orders were completed or have failed; 0 when there is nothing more to do
    """
    refunding = Refund.objects.open().values("line__order")
    ready = (
        Order.objects.protection_over(at)
        .exclude(pk__in=refunding)
        .exclude(completion_failed_at__gt=at - RETRY_AFTER)
    )
    for waiting in (Order.objects.awaiting_closure_decision(), Order.objects.in_conflict()):
        ready = ready.exclude(pk__in=waiting.values("pk"))
    keys = list(
        ready.order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("pk", flat=True)[:limit]
    )
    # Read again under the locks: a refund may have been requested before they were taken.
    orders = list(ready.filter(pk__in=keys).order_by("pk"))
    bisect_failures(
        lambda rows: _complete(rows, at), orders, faults=ROW_ERRORS,
        on_failure=lambda order, fault: _set_aside(order, fault, at),
    )  # fmt: skip
    return len(orders)


@transaction.atomic
def _complete(orders: Sequence[Order], at: datetime) -> None:
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(completed_at=at)
    spend = dict(
        OrderLine.objects.filter(order__in=orders)
        .values_list("order")
        .annotate(spend=Sum(Greatest(F("paid") - F("refunded_amount"), 0)))
    )
    record_purchases(
        Purchase(order.buyer_id, spend=spend[order.pk], orders=1)
        for order in orders
        if spend[order.pk]
    )
    record(ORDERS_COMPLETED, orders, at=at)


def _set_aside(order: Order, fault: Exception, at: datetime) -> None:
    """Try an order again later; ``alarm_waiting_orders`` counts those that stay."""
    log.error("order_not_completed", number=order.number, exc_info=fault)
    Order.objects.filter(pk=order.pk).update(completion_failed_at=at)
