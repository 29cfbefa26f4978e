"""A team pool: a share of the shop's completed sales of a month, by own sales, to the fen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from distribution.models import Level
from distribution.services import change_status, set_level
from incentives.models import Award, PeriodClosing, TeamPool, Version
from incentives.models.incentive import Audience
from ledger.chart import Asset
from tests.cast import member, staff
from tests.incentives.contests.stage import close, open_stage, release, sell, winners
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, WEEK, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
NOVEMBER = date(2026, 11, 1)
MONTH_END = PLACED.replace(day=30, hour=16, minute=0)
CLOSES = MONTH_END + 15 * DAY


@pytest.fixture
def gold(db: None) -> Level:
    open_stage()
    return Level.objects.create(rank=1, name="Gold")


def pool(level: Level, *, rate: int = 100, **terms: Any) -> Version:
    return published(
        metric="team_pool", audience=Audience.LEVELS, levels=[level.pk], close_days=15,
        rewards=[reward(kind="percent", rate=rate, asset=Asset.CASH)],
        **terms,
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


def test_a_percent_of_all_sales_is_shared_by_own_sales(gold: Level) -> None:
    pool(gold)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=90_000, Chen=45_000, Mei=65_000)

    close(CLOSES)

    row = stored()
    assert (row.sales, row.rate, row.pool, row.shared_by, row.paid) == (
        200_000, 100, 2_000, 135_000, 2_000
    )  # fmt: skip
    assert [(name, given) for name, _, _, given, _ in winners()] == [("Lan", 1_333), ("Chen", 667)]
    assert wallet_balance(member("Lan")) == 1_333
    assert wallet_balance(member("Mei")) == 0


@pytest.mark.parametrize("sales", [(10_001, 10_001, 10_001), (99_999, 1, 33_333), (1, 1, 1)])
def test_the_sum_paid_equals_the_pool_to_the_fen(gold: Level, sales: tuple[int, ...]) -> None:
    pool(gold, rate=333)
    raise_to(gold, "Lan", "Chen", "Mei")
    sold(**dict(zip(("Lan", "Chen", "Mei"), sales, strict=True)))
    close(CLOSES)
    assert stored().paid == stored().pool == sum(sales) * 333 // 10_000
    assert sum(given for _, _, _, given, _ in winners()) == stored().pool


def test_without_anybody_of_the_level_nothing_is_paid(gold: Level) -> None:
    pool(gold)
    sold(Lan=90_000)
    close(CLOSES)
    assert (stored().pool, stored().shared_by, stored().paid) == (900, 0, 0)
    assert winners() == []


def test_the_level_at_the_end_of_the_month_decides(gold: Level) -> None:
    pool(gold)
    raise_to(gold, "Lan", "Chen")
    raise_to(None, "Chen", at=MONTH_END - timedelta(seconds=1))
    raise_to(None, "Lan", at=MONTH_END)
    sold(Lan=90_000, Chen=45_000)
    close(CLOSES)
    assert [name for name, *_ in winners()] == ["Lan"]


def test_who_has_exited_shares_nothing_and_who_is_frozen_waits(gold: Level) -> None:
    pool(gold)
    raise_to(gold, "Lan", "Chen", "Mei")
    sold(Lan=50_000, Chen=50_000, Mei=50_000)
    for name, status in (("Chen", "exited"), ("Mei", "frozen")):
        change_status(
            distributor=member(name).distributor, to=status, by=staff("Qian"),
            at=PLACED + WEEK, reason="check",
        )  # fmt: skip
    close(CLOSES)
    assert [(name, due, status) for name, _, due, _, status in winners()] == [
        ("Lan", 750, "granted"), ("Mei", 750, "held")
    ]  # fmt: skip
    assert stored().paid == stored().pool == 1_500


def test_nobody_gets_more_than_own_orders_leave(gold: Level) -> None:
    pool(gold, rate=1_000)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=1_000, Chen=10_000, Mei=100_000)
    close(CLOSES)
    # Of 11,100 fen: 60 % of what was paid, less the commission of 1 %.
    assert [(name, given) for name, _, _, given, _ in winners()] == [("Lan", 590), ("Chen", 5_900)]
    assert stored().paid == stored().pool == 6_490


def test_a_large_pool_waits_for_a_second_person(gold: Level) -> None:
    pool(gold, confirm_above=1_000)
    raise_to(gold, "Lan")
    sold(Lan=100_100)
    close(CLOSES)
    assert PeriodClosing.objects.get(period_start=NOVEMBER).status == "waiting"
    assert Award.objects.get().status == "waiting"


def test_a_pool_is_fixed(gold: Level) -> None:
    pool(gold)
    close(CLOSES)
    with pytest.raises(DatabaseError), transaction.atomic():
        TeamPool.objects.update(rate=200)


def test_a_pool_is_what_its_awards_come_to(gold: Level) -> None:
    version = pool(gold)
    closing = PeriodClosing.objects.create(
        incentive=version.incentive, period_start=NOVEMBER, closed_at=CLOSES, status="counting"
    )
    with (
        pytest.raises(DatabaseError, match="another sum"),
        transaction.atomic(),
    ):
        TeamPool.objects.create(closing=closing, sales=100, rate=100, pool=1, shared_by=100, paid=1)
