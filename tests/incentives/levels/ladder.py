"""A ladder of Silver and Gold, and orders that count for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from distribution.models import Distributor, Level
from incentives.models import (
    Award,
    AwardPosting,
    Incentive,
    LadderLevel,
    LevelAward,
    LevelCondition,
    LevelPin,
    LevelReview,
    LevelWarning,
    Reward,
    Version,
)
from incentives.services.levels import review_levels
from members.models import Member
from orders.services import complete
from tests.cast import NOON, staff
from tests.shop import DAY, PLACED, WEEK, ingest, line, order

RELEASED = PLACED + 3 * DAY + WEEK
"""When an order that was placed first, and received after three days, is completed."""
YUAN = 100
_numbers = count(1)


def level(name: str, rank: int, **permissions: Any) -> Level:
    return Level.objects.create(name=name, rank=rank, **permissions)


def asks(level: Level, window: str = "days_30", **condition: Any) -> LevelCondition:
    return LevelCondition.objects.create(level=level, window=window, **condition)


def silver_and_gold(window: str = "days_30") -> tuple[Level, Level]:
    """Silver asks for own sales of 100 yuan, Gold for 300 yuan and 2 buyers."""
    silver, gold = level("Silver", 1), level("Gold", 2)
    asks(silver, window, min_sales=100 * YUAN)
    asks(gold, window, min_sales=300 * YUAN, min_buyers=2)
    return silver, gold


def sold(
    buyer: Member, yuan: int, *, placed_at: datetime = PLACED, number: str = "", done: bool = True
) -> str:
    """Ingest a paid and received order and complete it, unless it is not ``done``."""
    number = number or f"L-{next(_numbers)}"
    facts = order(buyer, line(price=yuan * YUAN), number=number, placed_at=placed_at, received=True)
    ingest(facts, at=placed_at)
    if done:
        while complete(at=placed_at + 10 * DAY):
            pass
    return number


def review(at: datetime) -> int:
    """Review everybody, as the daily task does."""
    reviewed = 0
    while some := review_levels(at=at):
        reviewed += some
    return reviewed


def level_of(who: Member) -> str:
    current = Distributor.objects.select_related("level").get(member=who)
    return current.level.name if current.level else ""


def changes(who: Member) -> list[tuple[str, str, str]]:
    """Return the level before and after of each change, with its cause, the oldest first."""
    rows = LevelReview.objects.filter(distributor__member=who).select_related("before", "after")
    return [(str(row.before or ""), str(row.after or ""), row.cause) for row in rows.order_by("pk")]


def award_of(who: Member, level: Level, *, days: int = 30, at: datetime = NOON) -> Award:
    """Return an award that gives a level; the engine grants it through ``award_level``."""
    by = staff("Qian")
    incentive = Incentive.objects.create(created_at=at, created_by=by)
    version = Version.objects.create(
        incentive=incentive, name="Sell and rise", metric="own_sales", audience="distributors",
        period="month", editors=[by.pk], edited_at=at,
    )  # fmt: skip
    reward = Reward.objects.create(
        version=version, threshold=1, kind="level", level=level, days=days
    )
    with transaction.atomic():  # the guard compares both rows when it commits
        award = Award.objects.create(
            incentive=incentive, version=version, reward=reward, member=who, side="earner",
            period_start=at.date(), step="from:1", kind="level", target=1, posted=1, moves=1,
            status="granted", reached_at=at, changed_at=at,
        )  # fmt: skip
        AwardPosting.objects.create(award=award, number=1, change=1, at=at)
    return award


def rows() -> dict[str, Any]:
    """Return every row that a refused service must leave unchanged."""
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (
            Distributor, LadderLevel, LevelAward, LevelCondition, LevelPin, LevelReview,
            LevelWarning,
        )
    }  # fmt: skip


def days(number: float) -> timedelta:
    return timedelta(days=number)
