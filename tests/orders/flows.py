"""Flows of the tests: a follower that cannot cope with one order."""

from __future__ import annotations

from datetime import datetime

from events.declarations import EventType
from orders.events import ORDERS_CHANGED
from orders.models import Order

IN_TRANSACTION = {ORDERS_CHANGED: ["tests.orders.flows.stumble"]}
AFTER_COMMIT: dict[EventType, list[str]] = {}


def stumble(orders: list[Order], *, at: datetime) -> None:
    if any(order.number == "faulty" for order in orders):
        raise ZeroDivisionError
