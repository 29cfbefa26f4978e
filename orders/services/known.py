"""Orders that are known: read, and filled with what is new of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orders.models import Order, Policy, Refund
from orders.snapshots import OrderSnapshot, RefundSnapshot


def read(numbers: Sequence[str]) -> dict[str, Order]:
    """The known ones of ``numbers``, with their lines, refunds and the buyer's names outside."""
    if not numbers:
        return {}
    orders = Order.objects.filter(number__in=numbers).select_related("buyer").order_by("pk")
    return {
        order.number: order for order in orders.with_lines().prefetch_related("buyer__identities")
    }


def fill(facts: Sequence[OrderSnapshot], orders: dict[str, Order]) -> list[Order]:
    """Set the times that were not known; the orders that have got one."""
    changed = []
    for one in facts:
        order = orders[one.number]
        if fill_blanks(order, one):
            changed.append(order)
    if changed:
        protect(changed)
        Order.objects.bulk_update(changed, [*Order.EVENT_TIMES, "release_at"])
    return changed


def fill_blanks(row: Order | Refund, given: OrderSnapshot | RefundSnapshot) -> bool:
    """Set those of the row's facts that it has not and ``given`` has; whether there were any."""
    fresh = [
        name for name in row.EVENT_TIMES if getattr(given, name) and getattr(row, name) is None
    ]
    for name in fresh:
        setattr(row, name, getattr(given, name))
    return bool(fresh)


def protect(orders: Sequence[Order]) -> None:
    """Fix until when received orders are protected, where it is not fixed yet."""
    received = [order for order in orders if order.received_at and order.release_at is None]
    if received:
        days = timedelta(days=Policy.current().protection_days)
        for order in received:
            assert order.received_at is not None, "chosen by it"
            order.release_at = order.received_at + days
