"""Complete received orders once their protection is over."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Greatest

from distribution.services import Purchase, record_purchases
from events.services import record
from orders.events import ORDERS_COMPLETED
from orders.models import Order, OrderLine, Refund

BATCH_SIZE = 500


@transaction.atomic
def complete(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Complete orders whose protection is over; the unrefunded part counts for the buyer.

    An order with an open refund waits for its outcome, a closed one with goods left and one with an
    open conflict for a decision.

    :returns: the number of completed orders; 0 when there is nothing more to do
    """
    refunding = Refund.objects.open().values("line__order")
    ready = Order.objects.protection_over(at).exclude(pk__in=refunding)
    for waiting in (Order.objects.awaiting_closure_decision(), Order.objects.in_conflict()):
        ready = ready.exclude(pk__in=waiting.values("pk"))
    keys = list(
        ready.order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
        .values_list("pk", flat=True)[:limit]
    )
    # Read again under the locks: a refund may have been requested before they were taken.
    orders = list(ready.filter(pk__in=keys).order_by("pk"))
    if not orders:
        return 0
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
    return len(orders)
