"""Orders that no worker has counted yet, and what a worker does about them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from incentives.services.catching_up import catch_up
from members.models import Member
from orders.models import Order
from orders.services import complete
from orders.snapshots import OrderSnapshot
from tests import shop
from tests.incentives.engine.story import RELEASED
from tests.shop import DAY, PLACED


def tell(buyer: Member, number: str, *, day: int = 0, **facts: Any) -> OrderSnapshot:
    """Tell a received order, which no worker has counted yet."""
    placed = PLACED + day * DAY
    told = shop.order(buyer, number=number, placed_at=placed, received=True, **facts)
    shop.ingest(told, at=placed)
    return told


def complete_all() -> None:
    while complete(at=RELEASED + 5 * DAY):
        pass


def count(number: str) -> Callable[[], None]:
    """Return what a worker does after an order changed."""
    return partial(catch_up, orders=[Order.objects.get(number=number).pk], at=RELEASED + 6 * DAY)
