"""Merge new times into known orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orders.models import Order, Policy, Refund
from orders.snapshots import OrderSnapshot, RefundSnapshot


def update_orders(snapshots: Sequence[OrderSnapshot], orders: dict[str, Order]) -> list[Order]:
    """Set the times that were not known.

    :returns: the changed orders
    """
    changed = [
        orders[snapshot.number]
        for snapshot in snapshots
        if merge(orders[snapshot.number], snapshot)
    ]
    if changed:
        set_release_times(changed)
        Order.objects.bulk_update(changed, [*Order.EVENT_TIMES, "release_at"])
    return changed


def merge(row: Order | Refund, snapshot: OrderSnapshot | RefundSnapshot) -> bool:
    """Set the times that the row lacks and the snapshot has; return whether there are any."""
    names = [
        name for name in row.EVENT_TIMES if getattr(snapshot, name) and getattr(row, name) is None
    ]
    for name in names:
        setattr(row, name, getattr(snapshot, name))
    return bool(names)


def set_release_times(orders: Sequence[Order]) -> None:
    """Fix the end of protection of received orders that have none yet."""
    received = [order for order in orders if order.received_at and order.release_at is None]
    if received:
        days = timedelta(days=Policy.current().protection_days)
        for order in received:
            assert order.received_at is not None, "filtered above"
            order.release_at = order.received_at + days
