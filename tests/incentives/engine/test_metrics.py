"""What each metric counts, as finance reads it: who bought what, and whose progress it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from distribution.models import Distributor, Level
from distribution.services import set_level
from incentives.metrics import count_orders
from incentives.models import Audience, Contribution, Metric, PeriodKind, Reward, Version
from ledger.chart import Asset
from members.models import Member
from orders.models import Order
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import (
    NOVEMBER,
    RELEASED,
    awards,
    buy,
    complete_by,
    give_back,
    progress,
)
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED, distributor, line, make_referral, sku

pytestmark = pytest.mark.django_db

MONTHLY: dict[str, Any] = {"period": PeriodKind.MONTH, "reach": Version.Reach.STEPS}


@pytest.mark.slow
def test_own_sales_are_what_the_buyers_of_a_distributor_paid_for_goods(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(metric=Metric.OWN_SALES, rewards=[reward(1_000, threshold=20_000)], **MONTHLY)

    buy(bo, "O-1", line(quantity=2, discount=980), day=0)

    assert progress(lan) == [(NOVEMBER, 0, 21_000)]
    assert progress(mei) == progress(bo) == []
    assert awards(lan) == []

    complete_by(RELEASED)

    assert progress(lan) == [(NOVEMBER, 21_000, 0)]
    assert awards(lan) == [("from:20000:cash", 1_000, 1_000, "granted")]


def test_own_orders_count_one_for_each_order(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(500, threshold=2)], **MONTHLY)
    buy(bo, "O-1", line(quantity=5))
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    assert progress(lan) == [(NOVEMBER, 2, 0)]
    assert awards(lan) == [("from:2:cash", 500, 500, "granted")]


@pytest.mark.slow
def test_own_units_count_what_was_not_returned(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_UNITS, rewards=[reward(500, threshold=4)], **MONTHLY)
    told = buy(bo, "O-1", line(quantity=5))
    give_back(told, 2 * 10_990, quantity=2, at=PLACED + 4 * DAY)
    complete_by(RELEASED)

    assert progress(lan) == [(NOVEMBER, 3, 0)]
    assert awards(lan) == []


@pytest.mark.slow
def test_filters_count_some_goods_from_an_amount_on(lan: Member, bo: Member) -> None:
    tea = sku("tea", price=500, category="food")
    published(
        metric=Metric.OWN_SALES, rewards=[reward(100, threshold=1_000)], products=[tea.product_id],
        min_amount=1_000, **MONTHLY,
    )  # fmt: skip

    buy(bo, "O-1", line(), line("tea", number=2, quantity=3, price=500))
    buy(bo, "O-2", line("tea", quantity=1, price=500))
    complete_by(RELEASED)

    assert progress(lan) == [(NOVEMBER, 1_500, 0)]


@pytest.mark.slow
def test_a_first_sale_counts_once_in_the_run(lan: Member, bo: Member) -> None:
    published(metric=Metric.FIRST_SALE, rewards=[reward(1_000)])
    first = buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]

    # The next order takes the place of the first one, when that is returned.
    give_back(first, 10_990, quantity=1, at=RELEASED + 2 * DAY)

    assert awards(lan) == [
        ("O-1:cash", 0, 0, "taken_back"), ("O-2:cash", 1_000, 1_000, "granted"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_friend_counts_who_bought_first_after_being_brought(lan: Member) -> None:
    dan, eve, fay = member("Dan"), member("Eve"), member("Fay")
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    make_referral(lan, dan, at=NOON)
    buy(eve, "O-1", placed_at=NOON - DAY)
    make_referral(lan, eve, at=NOON)
    make_referral(lan, fay, at=NOON)

    buy(dan, "O-2")
    buy(dan, "O-3", day=1)
    buy(eve, "O-4")
    buy(fay, "O-5", day=31)
    complete_by(RELEASED + 40 * DAY)

    [(step, due, given, status)] = awards(lan)
    assert (step, due, given, status) == ("friend:store_credit", 800, 800, "granted")
    assert Contribution.objects.get(value__gt=0).subject == dan


@pytest.mark.slow
def test_the_first_order_of_a_friend_is_placed_and_paid_in_the_run(lan: Member) -> None:
    start, end, hour = PLACED, PLACED + 5 * DAY, timedelta(hours=1)
    published(
        metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)],
        starts_at=start, ends_at=end,
    )  # fmt: skip
    times = {
        "Dan": (start, end - hour),
        "Eve": (start - hour, start + hour),
        "Fay": (end - hour, end),
    }
    for number, (name, (placed_at, paid_at)) in enumerate(times.items()):
        friend = member(name)
        make_referral(lan, friend, at=NOON)
        buy(friend, f"O-{number}", placed_at=placed_at, paid_at=paid_at)
    complete_by(RELEASED + 10 * DAY)

    counted = Contribution.objects.filter(value__gt=0)
    assert list(counted.values_list("subject__nickname", flat=True)) == ["Dan"]
    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]


def test_both_sides_of_a_referral_are_rewarded(lan: Member) -> None:
    dan = member("Dan")
    make_referral(lan, dan, at=NOON)
    published(
        metric=Metric.REFERRED_BUYERS,
        rewards=[
            reward(800, asset=Asset.STORE_CREDIT),
            reward(500, asset=Asset.STORE_CREDIT, side=Reward.Side.FRIEND),
        ],
    )
    told = buy(dan, "O-1")
    complete_by(RELEASED)
    assert awards(lan) == [("friend:store_credit", 800, 800, "granted")]
    assert awards(dan) == [("friend:store_credit", 500, 500, "granted")]

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert awards(lan) == [("friend:store_credit", 0, 0, "taken_back")]
    assert awards(dan) == [("friend:store_credit", 0, 0, "taken_back")]


@pytest.mark.slow
def test_a_new_distributor_counts_for_the_upline_with_the_first_order_sold(
    mei: Member, lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(700, asset=Asset.STORE_CREDIT)],
        most_per_member=3, period=PeriodKind.MONTH,
    )  # fmt: skip
    buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    assert awards(mei) == [("friend:store_credit", 700, 700, "granted")]
    assert awards(lan) == []


@pytest.mark.slow
def test_own_purchases_count_for_the_buyer(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_SPEND, rewards=[reward(900, asset=Asset.POINTS, threshold=10_000)],
        **MONTHLY,
    )  # fmt: skip
    buy(bo, "O-1")
    complete_by(RELEASED)

    assert awards(bo) == [("from:10000:points", 900, 900, "granted")]
    assert awards(lan) == []


@pytest.mark.slow
def test_a_distributors_own_purchase_never_counts_as_a_sale(mei: Member, lan: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(lan, "O-1")
    complete_by(RELEASED)

    # Mei is the upline of the buyer Lan: it is Mei's sale, and nothing of Lan's.
    assert awards(lan) == []
    assert awards(mei) == [("O-1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_the_level_at_placement_decides_who_takes_part(lan: Member, bo: Member) -> None:
    gold = Level.objects.create(rank=7, name="Gold")
    published(metric=Metric.OWN_ORDERS, audience=Audience.LEVELS, levels=[gold.pk])
    buy(bo, "O-1")
    set_level(
        distributor=Distributor.objects.get(member=lan), level=gold, by=staff("Qian"),
        at=PLACED + DAY, reason="good work",
    )  # fmt: skip
    buy(bo, "O-2", day=2)
    complete_by(RELEASED + 2 * DAY)

    assert awards(lan) == [("O-2:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_team_sales_are_counted_for_both_tiers_and_never_rewarded(
    mei: Member, lan: Member, bo: Member
) -> None:
    version = Version(metric=Metric.TEAM_SALES, period=PeriodKind.MONTH, starts_at=NOON)
    buy(bo, "O-1")
    complete_by(RELEASED)

    counted = count_orders(version, list(Order.objects.values_list("pk", flat=True)))

    assert {(row.member, row.value) for row in counted} == {(mei.pk, 10_990), (lan.pk, 10_990)}


@pytest.mark.slow
def test_an_order_paid_before_the_start_or_after_the_end_never_counts(
    lan: Member, bo: Member
) -> None:
    published(
        metric=Metric.OWN_ORDERS, starts_at=PLACED + DAY, ends_at=PLACED + 3 * DAY,
    )  # fmt: skip
    for number, day in (("O-1", 0), ("O-2", 2), ("O-3", 4)):
        buy(bo, number, day=day)
    complete_by(RELEASED + 5 * DAY)

    assert [step for step, *_ in awards(lan)] == ["O-2:cash"]


@pytest.mark.slow
def test_an_order_counts_in_the_period_in_which_it_was_paid(lan: Member, bo: Member) -> None:
    """The last second of November in Shanghai is November, whatever day it is in UTC."""
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], **MONTHLY)
    midnight = PLACED + 28 * DAY + timedelta(hours=12)
    buy(bo, "O-1", placed_at=midnight - timedelta(minutes=1, seconds=1))
    buy(bo, "O-2", placed_at=midnight - timedelta(minutes=1))
    complete_by(midnight + 20 * DAY)

    assert [str(start) for start, *_ in progress(lan)] == ["2026-11-01", "2026-12-01"]


@pytest.mark.slow
def test_a_stranger_gets_nothing(chen: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    distributor(chen)
    buy(bo, "O-1")
    complete_by(RELEASED)

    assert awards(chen) == []
