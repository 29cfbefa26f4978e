"""A shop that opened some weeks ago, for what members read of it now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from common import clock
from events.delivery import deliver_due
from incentives.models import Metric, PeriodKind, Version
from members.models import Member
from orders.intake import ingest_orders
from orders.services import complete
from orders.snapshots import OrderSnapshot
from tests.cast import member
from tests.incentives.offers import published, reward
from tests.shop import distributor, make_referral, order, plan, sku

MASK = 10_990
DAY = timedelta(days=1)
OPENED, BEGUN, LONG_AGO = 40 * DAY, 30 * DAY, 25 * DAY


def now() -> datetime:
    return clock.now()


def open_shop() -> Member:
    """Return Bo, a buyer: Mei referred Lan, and Lan referred Bo. Masks pay 10 % and 5 %."""
    return open_for(*(member(name) for name in ("Mei", "Lan", "Bo")))


def open_for(mei: Member, lan: Member, bo: Member) -> Member:
    at = now() - OPENED
    sku()
    plan(at=at)
    for who in (mei, lan):
        distributor(who, at=at)
    make_referral(mei, lan, at=at)
    make_referral(lan, bo, at=at + DAY)
    return bo


def deliver() -> None:
    """Let workers follow what has happened."""
    while deliver_due(at=now() + timedelta(seconds=1)):
        pass


def put(*orders: OrderSnapshot) -> None:
    """Tell the shop of orders, complete what is due, and let workers follow."""
    for result in ingest_orders(orders, at=now(), clock=now()):
        assert result.error is None
    while complete(at=now()):
        pass
    deliver()


def completed(buyer: Member, number: str = "O-1", **facts: Any) -> OrderSnapshot:
    """Return an order whose protection is over."""
    return order(buyer, number=number, placed_at=now() - LONG_AGO, received=True, **facts)


def paid(buyer: Member, number: str = "O-2", **facts: Any) -> OrderSnapshot:
    """Return an order that was paid just now."""
    return order(buyer, number=number, placed_at=now() - timedelta(hours=2), **facts)


def campaign(**terms: Any) -> Version:
    """Publish a bonus of 20 yuan from 300 yuan of own sales on, which began a month ago."""
    return published(
        at=now() - BEGUN,
        **{
            "metric": Metric.OWN_SALES,
            "period": PeriodKind.CAMPAIGN,
            "reach": Version.Reach.STEPS,
            "rewards": [reward(2_000, threshold=30_000)],
            **terms,
        },
    )


def friends(*, fen: int = 1_000, **terms: Any) -> Version:
    """Publish store credit for who brings a friend, and half of it for the friend."""
    rewards = [
        reward(fen, asset="store_credit"),
        reward(fen // 2, asset="store_credit", side="friend"),
    ]
    return campaign(
        metric=Metric.REFERRED_BUYERS, period=PeriodKind.EACH, reach=Version.Reach.EACH,
        **{"rewards": rewards, **terms},
    )  # fmt: skip
