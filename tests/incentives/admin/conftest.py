"""A shop with Lan, who sells to Bo, and drafts of Qian."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from common import clock
from incentives.models import Version
from incentives.services.catching_up import catch_up
from members.models import Member
from orders.models import Order
from orders.services import complete
from tests.browser import chromium
from tests.cast import NOON
from tests.incentives.offers import draft, reward
from tests.shop import DAY, PLACED, ingest, line, open_shop, order

__all__ = ["chromium"]

NOW = PLACED + 20 * DAY
RELEASED = PLACED + 11 * DAY


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


@pytest.fixture
def bo(db: None) -> Member:
    """Bo, whose upline is Lan, whose upline is Mei."""
    return open_shop()


@pytest.fixture
def sprint(bo: Member) -> Version:
    """A draft of Qian: ¥10 of a month from ¥100 on, ¥30 from ¥1,000 on, by own sales."""
    return draft(
        metric="own_sales", period="month", reach="steps", name="月度冲刺",
        rewards=[reward(1_000, threshold=10_000), reward(3_000, threshold=100_000)], at=NOON,
    )  # fmt: skip


@pytest.fixture
def sell(bo: Member) -> Callable[..., Order]:
    """Sell masks to Bo; the order is completed, and counted."""

    def sold(number: str = "O-1", *, units: int = 1) -> Order:
        ingest(order(bo, line(quantity=units), number=number, received=True), at=RELEASED)
        while complete(at=RELEASED):
            pass
        row = Order.objects.get(number=number)
        catch_up(orders=[row.pk], at=RELEASED)
        row.refresh_from_db()
        return row

    return sold
