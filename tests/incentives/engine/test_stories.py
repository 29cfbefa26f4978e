"""Whole stories as operations tell them: who is meant, which goods count, and what it changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Distributor, Segment
from distribution.services import set_segment
from incentives.models import Audience, Award, Metric, PeriodKind, Version
from ledger.chart import Asset
from members.models import Member
from promotions.models import CouponGrant
from tests.cast import staff
from tests.incentives.engine.story import (
    NOVEMBER,
    RELEASED,
    awards,
    buy,
    complete_by,
    give_back,
    progress,
)
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, PLACED, commissions, line, sku, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_bonus_for_community_leaders_counts_what_they_sold_as_such(
    mei: Member, lan: Member, bo: Member
) -> None:
    """The segment at the placement of the order decides; Mei is of another one."""
    leaders = Segment.objects.create(code="leader", name="团长")
    koc = Segment.objects.create(code="koc", name="KOC")
    published(metric=Metric.OWN_ORDERS, audience=Audience.SEGMENTS, segments=[leaders.pk])
    buy(bo, "O-1")
    for who, segment in ((lan, leaders), (mei, koc)):
        set_segment(
            distributor=Distributor.objects.get(member=who), segment=segment, by=staff("Qian"),
            at=PLACED + DAY, reason="runs a community",
        )  # fmt: skip
    buy(bo, "O-2", day=2)
    buy(lan, "O-3", day=2)
    complete_by(RELEASED + 2 * DAY)

    assert awards(lan) == [("O-2:cash", 1_000, 1_000, "granted")]
    assert awards(mei) == []


def test_a_week_of_tea_counts_the_food_of_an_order_alone(lan: Member, bo: Member) -> None:
    """The order of masks and tea counts with its tea; what is below the amount does not count."""
    tea = sku("tea", price=500, category="food")
    published(
        metric=Metric.OWN_SALES, categories=[tea.product.category_id], min_amount=1_000,
        rewards=[reward(100, threshold=1_000)], period=PeriodKind.MONTH, reach="steps",
    )  # fmt: skip

    told = buy(bo, "O-1", line(), line("tea", number=2, quantity=3, price=500))
    buy(bo, "O-2", line())
    buy(bo, "O-3", line("tea", quantity=1, price=500))
    complete_by(RELEASED)

    assert progress(lan) == [(NOVEMBER, 1_500, 0)]
    assert awards(lan) == [("from:1000:cash", 100, 100, "granted")]

    give_back(told, 1_000, line=2, quantity=2, at=RELEASED + DAY)

    # ¥5 of tea are left of the order: less than the amount from which orders count.
    assert progress(lan) == [(NOVEMBER, 0, 0)]
    assert awards(lan) == [("from:1000:cash", 0, 0, "taken_back")]


def test_a_coupon_for_the_first_sale_of_a_new_distributor(
    mei: Member, lan: Member, bo: Member
) -> None:
    """Mei gets it for Lan once, with Lan's first order; it ends when that one is returned."""
    coupon = a_coupon(per_member=3)
    published(
        metric=Metric.NEW_DISTRIBUTORS, rewards=[reward(kind="coupon", coupon=coupon)],
        period=PeriodKind.CAMPAIGN, most_per_member=3,
    )  # fmt: skip
    told = buy(bo, "O-1")
    complete_by(RELEASED)

    grant = CouponGrant.objects.get()
    assert (grant.member, grant.coupon, grant.revoked_at) == (mei, coupon, None)
    assert awards(mei) == [("friend:coupon", 1, 1, "granted")]
    assert awards(lan) == []

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    grant.refresh_from_db()
    assert grant.revoked_at == RELEASED + DAY
    assert awards(mei) == [("friend:coupon", 0, 0, "taken_back")]


def test_five_percent_of_each_order_and_at_most_four_yuan(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_SALES,
        rewards=[reward(kind="percent", rate=500, most=400, asset=Asset.STORE_CREDIT)],
    )
    told = buy(bo, "O-1")  # 5 % of ¥109.90 are ¥5.49
    buy(bo, "O-2", line(price=5_000))
    complete_by(RELEASED)

    assert sorted(row[:3] for row in awards(lan)) == [
        ("O-1:store_credit", 400, 400), ("O-2:store_credit", 250, 250),
    ]  # fmt: skip

    give_back(told, 5_990, at=RELEASED + DAY)

    assert [row[1:3] for row in awards(lan)] == [(250, 250), (250, 250)]
    assert wallet_balance(lan, Asset.STORE_CREDIT) == 500


def test_a_boost_raises_the_commission_of_later_orders_until_it_is_taken_back(
    lan: Member, bo: Member
) -> None:
    """Lan's 10 % are doubled for a month from the award on, and Mei's 5 % stay."""
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(kind="boost", rate=20_000, days=30)],
        period=PeriodKind.MONTH, reach=Version.Reach.STEPS, min_amount=10_000,
    )  # fmt: skip
    told = buy(bo, "O-1")
    buy(bo, "O-2", line(price=9_000), placed_at=RELEASED - timedelta(seconds=1))
    complete_by(RELEASED)
    assert Award.objects.get().status == "granted"

    buy(bo, "O-3", line(price=9_000), placed_at=RELEASED)
    give_back(told, 10_990, quantity=1, at=RELEASED + 2 * DAY)
    buy(bo, "O-4", line(price=9_000), placed_at=RELEASED + 3 * DAY)

    assert [amounts(number) for number in ("O-2", "O-3", "O-4")] == [
        [900, 450], [1_800, 450], [900, 450],
    ]  # fmt: skip


def amounts(number: str) -> list[int]:
    """Return the commissions of an order in fen, tier 1 first."""
    return [current for _line, _tier, _who, _original, current, _state in commissions(number)]
