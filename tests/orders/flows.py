"""Flows for tests: a follower that fails for one order."""

from __future__ import annotations

from datetime import datetime

from events.declarations import EventType
from orders.events import ORDERS_CHANGED
from orders.intake import PlacedOrder
from orders.models import Order

IN_TRANSACTION = {ORDERS_CHANGED: ["tests.orders.flows.fail_for_faulty"]}
AFTER_COMMIT: dict[EventType, list[str]] = {}


def fail_for_faulty(orders: list[Order | PlacedOrder], *, at: datetime) -> None:
    changed = [row.order if isinstance(row, PlacedOrder) else row for row in orders]
    if any(order.number == "faulty" for order in changed):
        raise ZeroDivisionError
