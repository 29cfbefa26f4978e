"""Flows for tests: a follower that fails for one order."""

from __future__ import annotations

from datetime import datetime

from events.declarations import EventType
from orders.events import ORDERS_CHANGED
from orders.intake import OrderWithLines
from orders.models import Order

IN_TRANSACTION = {ORDERS_CHANGED: ["tests.orders.flows.fail_for_faulty"]}
AFTER_COMMIT: dict[EventType, list[str]] = {}


def fail_for_faulty(orders: list[Order | OrderWithLines], *, at: datetime) -> None:
    changed = [row.order if isinstance(row, OrderWithLines) else row for row in orders]
    if any(order.number == "faulty" for order in changed):
        raise ZeroDivisionError
