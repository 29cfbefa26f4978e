"""The figures of an incentive: money, and beside it what coupons and gifts are worth."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incentives.figures import Figures, figures_of
from incentives.models import Incentive, Metric, Reward, Version
from incentives.worth import Worth
from members.models import Member
from tests.incentives.engine.story import RELEASED, buy, complete_by, give_back
from tests.incentives.offers import published, reward
from tests.promotions.coupons import coupon
from tests.shop import DAY, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def things() -> list[Reward]:
    """Return a coupon of 5 yuan and a gift of 7 yuan, which costs the shop 1 fen."""
    kind = coupon(amount=500, threshold=0, per_member=60)
    return [
        reward(kind="coupon", coupon=kind), reward(kind="gift", gift=sku("cup", price=700, cost=1)),
    ]  # fmt: skip


def for_each(*rewards: Reward) -> Version:
    # So many awards that no member reaches more of a coupon than one may get.
    return published(metric=Metric.OWN_ORDERS, rewards=rewards, budget_awards=50, min_amount=5_000)


def figures(version: Version) -> Figures:
    return figures_of([version.incentive_id])[version.incentive_id]


def test_things_stand_beside_the_money_by_their_worth(lan: Member, bo: Member) -> None:
    version = for_each(reward(100), *things())
    buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)

    found = figures(version)

    assert (found.cost, found.things) == (200, Worth(2 * 500 + 2 * 700))


def test_what_nobody_can_value_is_counted(lan: Member, bo: Member) -> None:
    version = for_each(
        reward(kind="coupon", coupon=coupon(kind="percent", rate=100, per_member=60)),
        reward(kind="factor", rate=20_000, days=7),
    )
    buy(bo)
    complete_by()

    assert (figures(version).cost, figures(version).things) == (0, Worth(0, 2))


def test_what_is_taken_back_is_worth_nothing(lan: Member, bo: Member) -> None:
    version = for_each(*things())
    told = buy(bo)
    complete_by()
    assert figures(version).things == Worth(1_200)

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    assert figures(version).things == Worth()


def test_each_incentive_has_its_own_and_more_need_no_more_queries(lan: Member, bo: Member) -> None:
    first, money = for_each(*things()), for_each(reward(100))
    buy(bo)
    complete_by()
    with CaptureQueriesContext(connection) as one:
        figures_of([first.incentive_id])
    others = [
        for_each(reward(kind="coupon", coupon=coupon(amount=fen, per_member=60)))
        for fen in (100, 200)
    ]
    keys = list(Incentive.objects.values_list("pk", flat=True))

    with CaptureQueriesContext(connection) as all_of_them:
        found = figures_of(keys)

    assert len(all_of_them) == len(one)
    assert found[first.incentive_id].things == Worth(1_200)
    assert found[money.incentive_id].things == Worth()
    assert [found[row.incentive_id].things for row in others] == [Worth(), Worth()]
