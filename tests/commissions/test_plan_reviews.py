"""A review says what forbids a plan's publication, and what it pays at worst on real goods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from catalog.models import Category, Product
from commissions.models import Plan, Rule
from commissions.plan_reviews import PlanReview, review, review_plan
from commissions.services import draft
from distribution.models import Level
from tests.cast import NOON
from tests.shop import DAY, editor, rule, sku

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def mask(db: None) -> Product:
    """A mask of 109.90 that costs 42.00."""
    return sku().product


def reviewed(*rules: Rule, **terms: Any) -> PlanReview:
    return review(Plan(name="双十二", **terms), rules, at=NOON)


def test_a_sound_plan_has_nothing_against_it(mask: Product) -> None:
    found = reviewed(rule())

    assert (found.all_errors, found.warnings) == ([], [])
    assert (found.share_text, found.rules[0].share_text) == ("15%", "15%")


def test_a_rate_above_the_cap_is_an_error_of_its_rule(mask: Product) -> None:
    found = reviewed(rule(4_000, 600), cap=3_000)

    [row] = found.rules
    assert row.errors == [
        (
            "The rule “whole store” pays 40%, more than the plan's cap of 30% of the amount paid:"
            " lower the rate or raise the cap."
        )
    ]
    assert (row.share_text, row.is_above_cap, found.share_after_cap_text) == ("46%", True, "30%")


def test_both_tiers_above_the_cap_are_a_warning(mask: Product) -> None:
    found = reviewed(rule(2_000, 1_500), cap=3_000)

    assert found.all_errors == []
    assert found.warnings == [
        (
            "“whole store”: tier 1 gets up to 20% and tier 2 up to 15%. Together that is 35%,"
            " above the cap of 30%: tier 2 is cut first."
        )
    ]


def test_a_fixed_amount_is_compared_with_the_cheapest_goods(mask: Product) -> None:
    sku("soap", price=1_000, cost=None, category="bath")

    found = reviewed(rule(400, 200, kind="per_unit"))

    assert (found.share_text, found.rules[0].is_above_cap) == ("60%", True)
    assert "goods at ¥10.00" in found.warnings[0]
    beauty = reviewed(rule(400, 200, kind="per_unit", layer="category", category=mask.category))
    assert beauty.share_text == "5.46%"


def test_categories_below_count_for_their_category(mask: Product) -> None:
    below = Category.objects.create(code="serum", name="Serum", parent=mask.category)
    cheap = sku("drop", price=500, category="serum")
    assert cheap.product.category == below

    found = reviewed(rule(100, None, kind="per_unit", layer="category", category=mask.category))

    assert found.share_text == "20%"


def test_commissions_above_the_profit_are_a_warning(mask: Product) -> None:
    mask.skus.update(cost=9_000)

    found = reviewed(rule(2_000, 500, layer="product", product=mask))

    assert found.warnings == [
        (
            "“mask”: mask sells at ¥109.90 and costs ¥90.00; commissions of up to ¥27.47 exceed the"
            " profit."
        )
    ]


def test_a_rule_that_another_precedes_never_applies(mask: Product) -> None:
    found = reviewed(
        rule(), rule(500, 100, layer="product", product=mask), layers=["store", "product"]
    )

    assert found.rules[1].warnings == [
        "“mask” never applies: another rule comes first for the same goods."
    ]


def test_dates_that_are_over_and_boosts_outside_are_warnings(mask: Product) -> None:
    over = rule(100, None, priority=1, ends_at=NOON)
    late = rule(
        100, None, priority=2, ends_at=NOON + DAY, boost=20_000, boost_from=NOON + 2 * DAY,
        boost_until=NOON + 3 * DAY,
    )  # fmt: skip

    found = reviewed(rule(), over, late)

    assert "over already" in found.rules[1].warnings[0]
    assert "boost lies outside" in found.rules[2].warnings[0]


def test_the_plan_as_a_whole_is_reviewed(mask: Product) -> None:
    assert "has no rules" in reviewed().errors[0]
    mixed = reviewed(rule(), rule(priority=1, asset="points"), combine="best")
    assert "same asset" in mixed.errors[0]
    outside = reviewed(rule(), layers=["product"])
    assert "not among the plan's layers" in outside.rules[0].errors[0]


def test_audiences_are_named_and_meet(mask: Product) -> None:
    gold = Level.objects.create(rank=1, name="Gold")

    found = reviewed(rule(3_000, 0, level=gold), rule(500, 2_500))

    assert found.rules[0].share_text == "55%"
    assert "“whole store · Gold”" in found.warnings[0]


def test_a_saved_plan_is_reviewed_in_constant_queries(mask: Product) -> None:
    def count(*rules: Rule) -> int:
        drafted = draft(name="P", by=editor(), at=NOON, rules=rules)
        with CaptureQueriesContext(connection) as captured:
            assert len(review_plan(drafted, at=NOON).rules) == len(rules)
        return len(captured)

    few = count(rule(), rule(priority=1, layer="product", product=mask))
    products = [sku(f"s{n}").product for n in range(8)]

    assert count(rule(), *(rule(layer="product", product=row) for row in products)) <= few
