"""A team pool: a share of the shop's completed sales of a month, by own sales, to the fen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import translation
from django.utils.html import strip_tags

from common import clock
from common.errors import violated_constraint
from distribution.models import Level
from distribution.services import change_status
from incentives.explanations import explain
from incentives.models import Award, PeriodClosing, TeamPool
from ledger.chart import Asset
from tests.backoffice.desks import opened
from tests.cast import give, member, staff
from tests.incentives.contests.pool_stage import (
    CLOSES,
    MONTH_END,
    NOVEMBER,
    pool,
    raise_to,
    sold,
    stored,
)
from tests.incentives.contests.stage import (
    close,
    confirmer,
    open_stage,
    winners,
)
from tests.shop import DAY, PLACED, WEEK, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def gold(db: None) -> Level:
    open_stage()
    return Level.objects.create(rank=1, name="Gold")


def test_a_percent_of_all_sales_is_shared_by_own_sales(gold: Level) -> None:
    pool(gold)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=90_000, Chen=45_000, Mei=65_000)

    close(CLOSES)

    row = stored()
    assert (row.sales, row.rate, row.pool, row.shared_by, row.paid) == (
        200_000, 100, 2_000, 135_000, 2_000
    )  # fmt: skip
    assert row.pool == 200_000 * 1 // 100 == sum(given for _, _, _, given, _ in winners())
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


@pytest.mark.usefixtures("no_static_files")
def test_the_desk_says_who_sold_and_shares_nothing(
    gold: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: CLOSES + DAY)
    pool(gold, confirm_above=1)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=50_000, Chen=40_000, Mei=30_000)
    change_status(
        distributor=member("Chen").distributor, to="exited", by=staff("Qian"), at=PLACED + WEEK,
        reason="leaves",
    )  # fmt: skip
    close(CLOSES)
    client = Client()
    client.force_login(give(confirmer(), "view_periodclosing"))

    page = " ".join(strip_tags(opened(client, "closings")).split())

    assert "Chen ¥400.00 分销员已退出" in page
    assert "Mei ¥300.00 月末不在指定等级" in page
    assert "¥12.00" in page


def test_nobody_gets_more_than_own_orders_leave(gold: Level) -> None:
    pool(gold, rate=1_000)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=1_000, Chen=10_000, Mei=100_000)
    close(CLOSES)
    # Of 11,100 fen: 60 % of what was paid, less the commission of 1 %.
    assert [(name, given) for name, _, _, given, _ in winners()] == [("Lan", 590), ("Chen", 5_900)]
    assert (stored().pool, stored().room, stored().paid) == (11_100, 6_490, 6_490)
    with translation.override("en"):
        said = explain(Award.objects.get(member=member("Lan")))
    for sentence in (
        "The pool is 10% of the shop's completed distributor sales of ¥1,110.00: ¥111.00.",
        (
            "Only ¥64.90 are shared out: each share is limited to what the member's own orders"
            " leave after commissions."
        ),
        "It is shared by own sales: ¥10.00 of ¥110.00.",
        "Limited to ¥5.90: own orders of the month leave no more after commissions.",
    ):
        assert sentence in said, sentence


def test_the_terms_limit_what_is_shared_out(gold: Level) -> None:
    pool(gold, most=1_500)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=100_000, Chen=50_000, Mei=50_000)
    close(CLOSES)
    assert (stored().pool, stored().most, stored().paid) == (2_000, 1_500, 1_500)
    assert [(name, given) for name, _, _, given, _ in winners()] == [("Lan", 1_000), ("Chen", 500)]
    with translation.override("en"):
        said = explain(Award.objects.get(member=member("Lan")))
    assert "The terms limit what is shared out to ¥15.00." in said
    assert not [sentence for sentence in said if sentence.startswith("Limited")]


def test_a_pool_of_points_needs_no_room(gold: Level) -> None:
    pool(gold, rate=1_000, asset=Asset.POINTS)
    raise_to(gold, "Lan", "Chen")
    sold(Lan=1_000, Chen=10_000, Mei=100_000)
    close(CLOSES)
    assert (stored().pool, stored().room, stored().paid) == (11_100, None, 11_100)
    assert stored().paid == sum(given for _, _, _, given, _ in winners())


@pytest.mark.parametrize(
    "change",
    [
        {"pool": 19, "paid": 19}, {"pool": 21, "paid": 21}, {"paid": 19}, {"paid": 21},
        {"room": 19}, {"most": 19}, {"room": 30, "paid": 30}, {"paid": 0},
        {"sales": 1_900},
    ],
)  # fmt: skip
def test_a_pool_is_the_rate_of_the_sales_and_paid_less_only_for_a_reason(
    gold: Level, change: dict[str, int]
) -> None:
    closing = PeriodClosing.objects.create(
        incentive=pool(gold).incentive, period_start=NOVEMBER, closed_at=CLOSES, status="counting"
    )
    values = {"sales": 2_000, "rate": 100, "pool": 20, "shared_by": 100, "paid": 20} | change
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        without_awards(TeamPool(closing=closing, **values))
    assert violated_constraint(refused.value) in ("team_pool_is_the_rate", "team_pool_paid_whole")


def without_awards(row: TeamPool) -> None:
    """Store a pool with no trigger to compare it with its awards: the constraints alone decide."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incentives_teampool DISABLE TRIGGER pool_matches_awards")
    row.save(force_insert=True)


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
