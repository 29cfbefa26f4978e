"""Team pools for tests: their terms, who has a level, their sales and what was stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from distribution.models import Level
from distribution.services import set_level
from incentives.models import TeamPool, Version
from incentives.models.incentive import Audience
from ledger.chart import Asset
from tests.cast import member
from tests.incentives.contests.stage import (
    release,
    sell,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED

NOVEMBER = date(2026, 11, 1)
MONTH_END = PLACED.replace(day=30, hour=16, minute=0)
CLOSES = MONTH_END + 15 * DAY


def pool(
    level: Level, *, rate: int = 100, most: int | None = None, asset: str = Asset.CASH, **terms: Any
) -> Version:
    return published(
        metric="team_pool", audience=Audience.LEVELS, levels=[level.pk], close_days=15,
        rewards=[reward(kind="percent", rate=rate, most=most, asset=asset)], **terms,
    )  # fmt: skip


def raise_to(level: Level | None, *names: str, at: Any = PLACED) -> None:
    for name in names:
        set_level(distributor=member(name).distributor, level=level, by=None, at=at, reason="test")


def sold(**sales: int) -> None:
    for name, price in sales.items():
        sell(name, price)
    release()


def stored() -> TeamPool:
    return TeamPool.objects.get(closing__period_start=NOVEMBER)
