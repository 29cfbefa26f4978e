"""Merge new times into known orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from orders.models import Order, Policy, Refund
from orders.snapshots import OrderSnapshot, RefundSnapshot


def update_orders(
    snapshots: Sequence[OrderSnapshot], orders: dict[str, Order], *, at: datetime
) -> list[Order]:
    """Set the times that were not known, and the metadata that changed.

    :param at: when the mall reported them
    :returns: the orders with a new time
    """
    _save_metadata(snapshots, orders)
    changed = [
        orders[snapshot.number]
        for snapshot in snapshots
        if merge(orders[snapshot.number], snapshot)
    ]
    if changed:
        set_release_times(changed, at=at)
        fields = [*Order.EVENT_TIMES, "protection_days", "release_at"]
        Order.objects.bulk_update(changed, fields)
    return changed


def _save_metadata(snapshots: Sequence[OrderSnapshot], orders: dict[str, Order]) -> None:
    """Metadata decides nothing: no follower hears of it."""
    changed = []
    for snapshot in snapshots:
        order = orders[snapshot.number]
        if snapshot.metadata is not None and snapshot.metadata != order.metadata:
            order.metadata = snapshot.metadata
            changed.append(order)
    if changed:
        Order.objects.bulk_update(changed, ["metadata"])


def merge(row: Order | Refund, snapshot: OrderSnapshot | RefundSnapshot) -> bool:
    """Set the times that the row lacks and the snapshot has; return whether there are any."""
    names = [
        name for name in row.EVENT_TIMES if getattr(snapshot, name) and getattr(row, name) is None
    ]
    for name in names:
        setattr(row, name, getattr(snapshot, name))
    return bool(names)


def set_release_times(orders: Sequence[Order], *, at: datetime | None = None) -> None:
    """Fix the days of protection at receipt, and their end once payment is known as well.

    A receipt counts instead of an assumed one while the protection lasts at ``at``.
    """
    received = [order for order in orders if _receipt(order) and order.protection_days is None]
    if received:
        days = Policy.current().protection_days
        for order in received:
            order.protection_days = days
    for order in orders:
        receipt = _receipt(order)
        if not receipt or not order.paid_at:
            continue
        is_replaced = (
            order.received_at
            and order.assumed_received_at
            and at
            and not (order.completed_at or (order.release_at and order.release_at <= at))
        )
        if order.release_at is None or is_replaced:
            assert order.protection_days is not None, "fixed above"
            # A mall may tell a receipt before the payment: the buyer's days count from the last.
            start = max(order.placed_at, order.paid_at, receipt)
            order.release_at = start + timedelta(days=order.protection_days)


def _receipt(order: Order) -> datetime | None:
    return order.received_at or order.assumed_received_at
