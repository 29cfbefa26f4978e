"""The most that an order gives, over commissions and everything published: read with finance."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Sku
from incentives.models import Metric, PeriodKind, Policy, Reward, Version
from incentives.worst_case import WorstCase, worst_case
from promotions.models import Coupon
from tests.cast import NOON, staff
from tests.incentives.offers import draft, published, reward
from tests.shop import DAY, plan, rule, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
Reach = Version.Reach


@pytest.fixture(autouse=True)
def shop(db: None) -> Sku:
    """One product of ¥100, which pays 10 % and 5 %; awards may come on top of any share."""
    plan(rule(1_000, 500))
    Policy.objects.update(most_of_an_order=10_000)
    return sku(price=10_000)


def case(version: Version) -> WorstCase:
    return worst_case(version, list(version.rewards.all()), at=NOON)


def awards(*rewards: Reward, **terms: Any) -> int:
    """Return the share of the awards of these terms alone, in basis points."""
    found = case(draft(rewards=rewards, **terms))
    assert found.commissions == 1_500
    assert found.total == found.commissions + sum(share for _, share in found.awards)
    return found.total - found.commissions


def test_an_amount_for_each_order_is_compared_with_the_cheapest_order() -> None:
    assert awards(reward(1_000)) == 1_000  # ¥10 of ¥100
    assert awards(reward(1_000), min_amount=50_000) == 200  # ¥10 of ¥500


def test_a_percentage_counts_as_it_is_up_to_its_greatest_amount() -> None:
    sales = {"metric": Metric.OWN_SALES}
    assert awards(reward(kind="percent", rate=700), **sales) == 700
    assert awards(reward(kind="percent", rate=700, most=300), **sales) == 300


def test_each_n_needs_n_orders() -> None:
    monthly = {"reach": Reach.EVERY, "period": PeriodKind.MONTH}
    assert awards(reward(1_000, threshold=5), **monthly) == 200  # ¥10 of 5 × ¥100
    assert awards(reward(1_000, threshold=20_000), metric=Metric.OWN_SALES, **monthly) == 500


def test_one_order_may_hold_all_units() -> None:
    units = {"metric": Metric.OWN_UNITS, "min_amount": 50_000}
    assert awards(reward(1_000), **units) == 1_000  # ¥10 of each ¥100
    steps = {**units, "reach": Reach.STEPS, "period": PeriodKind.MONTH}
    assert awards(reward(30_000, threshold=20), **steps) == 1_500  # ¥300 of 20 × ¥100
    assert awards(reward(1_000, threshold=2), **steps) == 200  # ¥10 of the smallest order, ¥500


def test_the_worst_step_decides_or_the_sum_of_all() -> None:
    steps = {"metric": Metric.OWN_SALES, "reach": Reach.STEPS, "period": PeriodKind.MONTH}
    rewards = [reward(1_000, threshold=20_000), reward(4_000, threshold=50_000)]
    assert awards(*rewards, **steps) == 800  # ¥40 of ¥500
    assert awards(*rewards, sums_steps=True, **steps) == 1_000  # ¥50 of ¥500


def test_both_sides_count_and_points_do_not() -> None:
    both = [
        reward(1_000, asset="store_credit"),
        reward(500, asset="store_credit", side="friend"),
        reward(kind="factor", rate=20_000, days=30),
    ]
    assert awards(*both, metric=Metric.REFERRED_BUYERS) == 1_500
    assert awards(reward(90_000, asset="points")) == 0


def test_coupons_and_gifts_count_by_what_they_cost(shop: Sku) -> None:
    coupon = Coupon.objects.create(
        name="券", amount=600, valid_days=9, created_at=NOON, created_by=staff("Qian"),
        status="published", published_at=NOON,
        published_by=staff("Feng"),
    )  # fmt: skip
    assert awards(reward(kind="coupon", coupon=coupon)) == 600
    assert awards(reward(kind="gift", gift=shop)) == 4_200  # it costs ¥42
    free = Coupon.objects.create(
        name="试用", kind="product", scope="products", targets=[shop.product_id], valid_days=9,
        created_at=NOON, created_by=staff("Qian"), status="published", published_at=NOON,
        published_by=staff("Feng"),
    )  # fmt: skip
    assert awards(reward(kind="coupon", coupon=free), min_amount=50_000) == 2_000  # ¥100 of ¥500


def test_a_boost_raises_commissions_up_to_their_cap() -> None:
    boost = {"kind": "boost", "days": 30}
    assert awards(reward(rate=20_000, **boost)) == 1_500
    assert awards(reward(rate=100_000, **boost)) == 3_500  # the plan's cap is 50 %


@pytest.mark.parametrize("limit", [7_499, 7_500])
@pytest.mark.parametrize("published_first", ["A", "B"])
def test_a_boost_holds_for_orders_that_its_incentive_does_not_count(
    shop: Sku, published_first: str, limit: int
) -> None:
    """15 % thrice are 45 % of an order by a poster, and 30 % come on top."""
    tea = sku("tea", price=10_000)
    terms: dict[str, dict[str, Any]] = {
        "A": {
            "rewards": [reward(kind="boost", rate=30_000, days=30)],
            "channels": ["chat"], "products": [tea.product_id],
        },
        "B": {
            "metric": Metric.OWN_SALES, "rewards": [reward(kind="percent", rate=3_000)],
            "channels": ["poster"], "products": [shop.product_id],
        },
    }  # fmt: skip
    [other] = terms.keys() - {published_first}
    published(name=published_first, **terms[published_first])
    Policy.objects.update(most_of_an_order=limit)
    found = case(draft(name=other, **terms[other]))

    assert sorted(found.awards) == [("A", 3_000), ("B", 3_000)]
    assert (found.total, found.is_above_limit) == (7_500, limit == 7_499)


def test_prizes_do_not_grow_with_an_order() -> None:
    prize = reward(10_000, first_rank=1, last_rank=1)
    assert awards(prize, reach=Reach.RANK, period=PeriodKind.WEEK) == 0


def test_everything_published_counts_together() -> None:
    published(name="A", rewards=[reward(1_000)])
    published(name="B", rewards=[reward(2_000)], starts_at=NOON + 5 * DAY)
    found = case(draft(name="C", rewards=[reward(500)]))

    assert sorted(found.awards) == [("A", 1_000), ("B", 2_000), ("C", 500)]
    assert found.total == 5_000


def test_what_does_not_run_at_the_same_time_does_not_count() -> None:
    published(name="A", rewards=[reward(1_000)], ends_at=NOON + 3 * DAY)
    published(name="B", rewards=[reward(2_000)], starts_at=NOON + 9 * DAY)
    found = case(draft(rewards=[reward(500)], starts_at=NOON + 3 * DAY, ends_at=NOON + 9 * DAY))

    assert found.total - found.commissions == 500


def test_the_next_version_replaces_the_last_one() -> None:
    first = published(rewards=[reward(1_000)])
    found = case(draft(based_on=first, rewards=[reward(600)]))

    assert found.total - found.commissions == 600


def test_filters_that_never_meet_do_not_add_up(shop: Sku) -> None:
    course = sku("course", price=10_000, category="courses")
    published(name="A", rewards=[reward(1_000)], products=[shop.product_id])
    found = case(draft(rewards=[reward(500)], categories=[course.product.category_id]))

    assert found.total - found.commissions == 1_000
    assert found.product.startswith("mask")


def test_the_limit_is_that_of_the_settings() -> None:
    Policy.objects.update(most_of_an_order=2_499)
    found = case(draft(rewards=[reward(1_000)]))

    assert (found.total, found.limit, found.is_above_limit) == (2_500, 2_499, True)


def test_the_number_of_queries_does_not_grow_with_what_runs(
    django_assert_max_num_queries: Any,
) -> None:
    for name in "ABCD":
        published(name=name, rewards=[reward(100)])
    version = draft(rewards=[reward(100)])
    rewards = list(version.rewards.all())

    with django_assert_max_num_queries(14):
        worst_case(version, rewards, at=NOON)
