"""Distributors are ranked by what they sold in a period, beside the period before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from distribution.models import Level
from distribution.services import set_level
from reports.distributors.ranking import Standing, day_before, standings
from reports.leaderboard import leaderboard, ranked_rows
from reports.models import PeriodFigures
from reports.periods import Period
from tests.cast import NOON, member, staff
from tests.distribution.people import REASON
from tests.shop import distributor

pytestmark = pytest.mark.django_db
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


def sold(name: str, sales: int, *, start: date = DECEMBER, **figures: int) -> None:
    """Give a distributor folded figures of a month."""
    who = member(name)
    own = getattr(who, "distributor", None) or distributor(who)
    PeriodFigures.objects.create(
        distributor=own, period=Period.MONTH, start=start, asset="cash", sales=sales,
        **{"orders": 1, **figures},
    )  # fmt: skip


def rows(metric: str = "sales", **options: int) -> list[Standing]:
    return standings(period=Period.MONTH, day=date(2026, 12, 24), metric=metric, **options)


def test_equal_sales_share_a_rank_and_nobody_with_nothing_is_ranked() -> None:
    for name, sales in (("Mei", 500), ("Lan", 900), ("Bo", 500), ("Chen", 100), ("Ann", 0)):
        sold(name, sales)

    assert [(row.rank, str(row.distributor)) for row in rows()] == [
        (1, "Lan"), (2, "Mei"), (2, "Bo"), (4, "Chen"),
    ]  # fmt: skip


def test_the_leaderboard_of_members_has_the_same_order_which_an_index_has() -> None:
    for name, sales in (("Mei", 500), ("Lan", 900), ("Bo", 500)):
        sold(name, sales)
    chosen: Any = {"period": Period.MONTH, "day": date(2026, 12, 24), "metric": "sales"}

    assert [(place.rank, str(place.distributor)) for place in leaderboard(**chosen)] == [
        (1, "Lan"), (2, "Mei"), (2, "Bo"),
    ]  # fmt: skip
    assert "JOIN" not in str(ranked_rows(**chosen).query)


def test_the_rank_before_shows_who_climbed() -> None:
    for name, before, now in (("Mei", 100, 900), ("Lan", 900, 500)):
        sold(name, before, start=NOVEMBER)
        sold(name, now)
    sold("Bo", 1)

    assert [(str(row.distributor), row.before, row.climbed) for row in rows()] == [
        ("Mei", 2, 1), ("Lan", 1, -1), ("Bo", None, 0),
    ]  # fmt: skip


def test_other_metrics_have_an_order_of_their_own() -> None:
    sold("Mei", 900, orders=1, income=10)
    sold("Lan", 100, orders=5, income=5, team_income=90)

    assert [str(row.distributor) for row in rows("orders")] == ["Lan", "Mei"]
    assert [row.value for row in rows("commission")] == [95, 10]


def test_a_level_ranks_among_itself() -> None:
    gold = Level.objects.create(rank=1, name="Gold")
    sold("Mei", 900)
    sold("Lan", 500)
    set_level(
        distributor=member("Lan").distributor, level=gold, by=staff("qian"), at=NOON, reason=REASON
    )

    assert [(row.rank, str(row.distributor)) for row in rows(level=gold.pk)] == [(1, "Lan")]


def test_the_return_rate_is_what_was_refunded_of_own_sales() -> None:
    sold("Mei", 900, returned=100)

    [mei] = rows()

    assert mei.return_rate == 1_000


def test_the_whole_life_has_no_period_before() -> None:
    distributor(member("Mei"))
    PeriodFigures.objects.create(
        distributor=member("Mei").distributor, period=Period.ALL, start=date(1970, 1, 1),
        asset="cash", sales=5,
    )  # fmt: skip

    [mei] = standings(period=Period.ALL, day=DECEMBER, metric="sales")

    assert (mei.rank, mei.before) == (1, None)


@pytest.mark.parametrize(
    ("period", "day"),
    [(Period.DAY, date(2026, 11, 30)), (Period.WEEK, date(2026, 11, 29)),
     (Period.MONTH, date(2026, 11, 30))],
)  # fmt: skip
def test_the_period_before(period: str, day: date) -> None:
    assert day_before(period, DECEMBER) == day


def test_more_rows_need_no_more_queries(django_assert_num_queries: pytest.FixtureRequest) -> None:
    for number in range(12):
        sold(f"M{number}", number + 1)

    with django_assert_num_queries(2):  # type: ignore[operator]
        assert len([str(row.distributor.level) for row in rows()]) == 12
