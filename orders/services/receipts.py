"""Count orders as received that were shipped long ago, if the policy says so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from common.bulk_insert import update
from events.services import record
from orders.events import ORDERS_CHANGED, ORDERS_RECEIPT_ASSUMED
from orders.intake.update import set_release_times
from orders.models import Order, Policy

BATCH_SIZE = 500


@transaction.atomic
def assume_receipts(*, at: datetime, limit: int = BATCH_SIZE) -> int:
    """Count paid orders as received ``assumed_receipt_days`` after they were shipped.

    Only the periodic task calls it: a replay of the past knows the receipts.

    :returns: the number of orders; 0 when there is nothing more to do
    """
    days = Policy.current().assumed_receipt_days
    if days is None:
        return 0
    waiting = Order.objects.not_received_since(at - timedelta(days=days)).order_by("pk")
    locked = waiting.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    # Read again under the locks: a receipt may have been told before they were taken.
    orders = list(waiting.filter(pk__in=list(locked[:limit])))
    _assume(orders, at)
    return len(orders)


@transaction.atomic
def assume_receipt(*, order: Order, at: datetime) -> None:
    """Count a paid order as received now, unless it is; for a sandbox."""
    rows = Order.objects.filter(pk=order.pk, received_at=None, assumed_received_at=None)
    _assume(list(rows.select_for_update(no_key=True)), at)
    order.refresh_from_db()


def _assume(orders: list[Order], at: datetime) -> None:
    for order in orders:
        order.assumed_received_at = at
    set_release_times(orders)
    update(orders, ["assumed_received_at", "protection_days", "release_at"])
    if orders:
        record(ORDERS_RECEIPT_ASSUMED, orders, at=at)
        record(ORDERS_CHANGED, orders, at=at)
