"""The calculation of commissions, for finance to read: amounts in fen, rates in basis points."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from commissions.rules import Beneficiary, Plan, award, build_bases
from tests.cast import NOON
from tests.commissions.values import (
    ANYONE,
    BEAUTY,
    MASK,
    SKIN,
    TWO,
    amounts,
    basis,
    goods,
    plan,
    reasons,
    rule,
)

HOUR = timedelta(hours=1)
KOC, LEADER = 3, 4
SILVER, GOLD = 5, 6


def test_the_worked_example() -> None:
    percentages = plan(rule(1_000, 500))

    assert amounts(percentages, of=goods(10_990)) == (1_099, 549)
    assert amounts(percentages, of=goods(10_990), paid=10_990 - 3_663) == (732, 366)


def test_three_refunds_of_a_third_leave_exactly_nothing() -> None:
    percentages, line = plan(rule(1_000, 500)), goods(9_997, quantity=3)

    left = [amounts(percentages, of=line, quantity=3 - n, paid=9_997 - p) for n, p in
            ((0, 0), (1, 3_332), (2, 6_664), (3, 9_997))]  # fmt: skip

    assert left == [(999, 499), (666, 333), (333, 166), (0, 0)]


@pytest.mark.parametrize(
    ("terms", "whole", "after"),
    [
        pytest.param(rule(1_000, 500), (3_297, 1_648), (2_198, 1_099), id="percent"),
        pytest.param(rule(301, 100, kind="per_unit"), (903, 300), (602, 200), id="per unit"),
        pytest.param(rule(901, 100, kind="per_order"), (901, 100), (600, 66), id="per order"),
        pytest.param(rule(1_000, 500, base="profit"), (2_037, 1_018), (1_358, 679), id="profit"),
        pytest.param(rule(1_000, 500, asset="points"), (32, 16), (21, 10), id="points"),
    ],
)
def test_a_refund_of_1_of_3_units_lowers_both_tiers_by_its_share(
    terms: Any, whole: tuple[int, int], after: tuple[int, int]
) -> None:
    line = goods(32_970, quantity=3)

    assert amounts(plan(terms), of=line) == whole
    assert amounts(plan(terms), of=line, quantity=2, paid=21_980) == after


@pytest.mark.parametrize("value", [None, 0])
def test_a_tier_that_is_blank_or_0_gets_nothing_and_no_other_rule_applies(
    value: int | None,
) -> None:
    both = plan(
        rule(1_000, value, layer="product", target=MASK),
        rule(2_000, 2_000, id=2),
    )

    assert amounts(both) == (1_099, 0)
    assert reasons(both) == ("paid", "blank")


@pytest.mark.parametrize(
    ("tiers", "cap", "expected", "reason"),
    [
        ((1_000, 500), 5_000, (1_099, 549), ("paid", "paid")),
        ((4_000, 4_000), 5_000, (4_396, 1_099), ("paid", "capped")),
        ((6_000, 500), 5_000, (5_495, 0), ("capped", "capped")),
        ((1_000, 500), 0, (0, 0), ("capped", "capped")),
        ((3_000, 3_000), 3_333, (3_297, 365), ("paid", "capped")),
    ],
)
def test_the_cap_reduces_tier_2_first(
    tiers: tuple[int, int], cap: int, expected: tuple[int, int], reason: tuple[str, str]
) -> None:
    capped = plan(rule(*tiers), cap=cap)

    assert amounts(capped) == expected
    assert reasons(capped) == reason


def test_the_cap_counts_only_tiers_that_are_paid() -> None:
    most = plan(rule(4_000, 4_000))

    assert amounts(most, to=(Beneficiary("suspended"), ANYONE)) == (0, 4_396)


def test_the_cap_shrinks_with_the_line_and_reduces_fixed_amounts() -> None:
    fixed = plan(rule(3_000, 2_000, kind="per_unit"))

    assert amounts(fixed) == (3_000, 2_000)
    assert amounts(fixed, paid=5_000) == (2_500, 0)


def test_both_tiers_are_capped_together_points_apart() -> None:
    mixed = plan(
        rule(4_000, None, layer="product", target=MASK, level=GOLD),
        rule(None, 4_000, id=2, asset="store_credit"),
        rule(None, 4_000, id=3, asset="points", level=SILVER),
    )

    gold, without_level, silver = (
        Beneficiary("active", level=level) for level in (GOLD, None, SILVER)
    )
    assert amounts(mixed, to=(gold, without_level)) == (4_396, 1_099)
    assert amounts(mixed, to=(gold, silver)) == (4_396, 43)


def test_the_first_layer_with_a_rule_applies() -> None:
    three = plan(
        rule(100, 100, id=1),
        rule(200, 200, id=2, layer="category", target=SKIN),
        rule(300, 300, id=3, layer="product", target=MASK),
    )

    assert amounts(three, of=goods(10_000)) == (300, 300)
    assert amounts(three, of=goods(10_000, product=8)) == (200, 200)
    assert amounts(three, of=goods(10_000, product=8, categories=(99,))) == (100, 100)


@pytest.mark.parametrize(
    ("combine", "expected"), [("first", (300, 0)), ("best", (500, 200)), ("sum", (800, 300))]
)
def test_layers_are_taken_in_order_or_compared_or_added(
    combine: str, expected: tuple[int, int]
) -> None:
    three = plan(
        rule(500, 100, id=1),
        rule(0, 200, id=2, layer="category", target=SKIN),
        rule(300, None, id=3, layer="product", target=MASK),
        combine=combine,
    )

    assert amounts(three, of=goods(10_000)) == expected


def test_the_order_of_the_layers_is_the_plans() -> None:
    two = rule(100, 100, id=1), rule(300, 300, id=3, layer="product", target=MASK)

    assert amounts(plan(*two, layers=("store", "product")), of=goods(10_000)) == (100, 100)
    assert amounts(plan(*two, layers=("category",)), of=goods(10_000)) == (0, 0)


def test_a_sum_is_rounded_down_once() -> None:
    both = plan(
        rule(3_333, None), rule(3_333, None, id=2, layer="product", target=MASK),
        combine="sum", cap=10_000,
    )  # fmt: skip

    assert amounts(both, of=goods(2)) == (1, 0)  # 0.6666 twice


def test_the_earlier_of_equal_layers_is_reported() -> None:
    both = plan(
        rule(1_000, 500, id=1), rule(1_000, 500, id=2, layer="product", target=MASK),
        combine="best",
    )  # fmt: skip

    first, _ = award(basis(both, goods()), quantity=1, paid=10_990)
    assert [offer.rule for offer in first.offers] == [2]


@pytest.mark.parametrize(
    ("paid", "expected"), [(99_999, (99, 49)), (10_000, (10, 5)), (1_999, (1, 0)), (999, (0, 0))]
)
def test_a_percentage_in_points_pays_one_point_per_whole_yuan(
    paid: int, expected: tuple[int, int]
) -> None:
    assert amounts(plan(rule(1_000, 500, asset="points")), of=goods(paid)) == expected


def test_fixed_points_are_whole_points_and_not_capped() -> None:
    points = plan(rule(30, 20, kind="per_unit", asset="points"))

    assert amounts(points, of=goods(100, quantity=2)) == (60, 40)


def test_an_amount_per_unit_is_paid_for_each_remaining_unit() -> None:
    fixed, line = plan(rule(300, 100, kind="per_unit")), goods(30_000, quantity=3)

    assert amounts(fixed, of=line) == (900, 300)
    assert amounts(fixed, of=line, quantity=1, paid=10_000) == (300, 100)
    assert amounts(fixed, of=line, paid=20_000) == (900, 300)  # money only: the units stay


@pytest.mark.parametrize("combine", ["first", "best", "sum"])
def test_an_amount_per_order_is_split_over_its_lines_and_adds_up(combine: str) -> None:
    fixed = plan(rule(1_000, 100, kind="per_order"), combine=combine)
    lines = [goods(3_333), goods(3_333), goods(3_334), goods(0)]

    bases = build_bases(fixed, lines, TWO, NOON)
    parts = [
        award(basis, quantity=1, paid=line.paid) for basis, line in zip(bases, lines, strict=True)
    ]

    assert [first.amount for first, _ in parts] == [333, 333, 334, 0]
    assert [second.amount for _, second in parts] == [33, 33, 34, 0]


def test_an_amount_per_order_is_split_over_the_lines_of_its_rule() -> None:
    fixed = plan(
        rule(1_000, None, kind="per_order"),
        rule(300, None, id=2, layer="product", target=8, kind="per_unit"),
    )
    lines = [goods(20_000), goods(20_000, product=8), goods(20_000)]

    parts = [award(line_basis, quantity=1, paid=20_000)[0].amount
             for line_basis in build_bases(fixed, lines, TWO, NOON)]  # fmt: skip

    assert parts == [500, 300, 500]


def test_a_boosted_amount_per_order_adds_up() -> None:
    boosted = plan(
        rule(101, None, kind="per_order", boost=15_000, boost_from=NOON, boost_until=NOON + HOUR)
    )

    parts = [award(line_basis, quantity=1, paid=1_000)[0].amount
             for line_basis in build_bases(boosted, [goods(1_000)] * 3, TWO, NOON)]  # fmt: skip

    assert sum(parts) == 151


def test_the_higher_of_the_boosts_of_rule_and_distributor_counts() -> None:
    boosted = plan(rule(boost=15_000, boost_from=NOON, boost_until=NOON + HOUR))
    people = Beneficiary("active", boost=20_000), Beneficiary("active", boost=12_000)

    assert amounts(boosted, to=people) == (2_198, 824)  # 200 % and 150 %, never multiplied


def test_an_amount_per_order_is_boosted_for_one_tier_and_adds_up() -> None:
    fixed = plan(rule(101, 101, kind="per_order"))
    people = Beneficiary("active", boost=15_000), ANYONE

    bases = build_bases(fixed, [goods(1_000)] * 3, people, NOON)
    parts = [award(line_basis, quantity=1, paid=1_000) for line_basis in bases]

    assert [sum(tier.amount for tier in tiers) for tiers in zip(*parts, strict=True)] == [151, 101]


def test_an_order_with_nothing_paid_earns_nothing() -> None:
    fixed = plan(rule(1_000, 100, kind="per_order"))

    assert amounts(fixed, of=goods(0)) == (0, 0)
    assert amounts(plan(rule(300, 100, kind="per_unit")), of=goods(0)) == (0, 0)


def test_profit_is_the_paid_amount_minus_the_cost_of_all_units() -> None:
    profit = plan(rule(3_000, 1_000, base="profit"))

    assert amounts(profit, of=goods(20_000, quantity=2, unit_cost=4_200)) == (3_480, 1_160)
    assert reasons(profit, of=goods(8_000, quantity=2, unit_cost=4_200)) == (
        "no_profit",
        "no_profit",
    )


def test_an_unknown_cost_pays_nothing() -> None:
    profit = plan(rule(3_000, 1_000, base="profit"))

    assert amounts(profit, of=goods(unit_cost=None)) == (0, 0)
    assert reasons(profit, of=goods(unit_cost=None)) == ("cost_unknown", "cost_unknown")
    assert amounts(profit, of=goods(unit_cost=0)) == (3_297, 1_099)


@pytest.mark.parametrize(
    ("beneficiary", "expected"),
    [
        (Beneficiary("active", level=GOLD, segment=KOC), 400),
        (Beneficiary("active", level=SILVER, segment=KOC), 300),
        (Beneficiary("active", level=None, segment=KOC), 300),
        (Beneficiary("active", level=SILVER, segment=LEADER), 200),
        (Beneficiary("active"), 200),
    ],
)
def test_a_level_rule_precedes_a_segment_rule_which_precedes_a_general_rule(
    beneficiary: Beneficiary, expected: int
) -> None:
    audiences = plan(
        rule(200, 200, id=1, priority=9),
        rule(300, 300, id=2, segment=KOC, priority=5),
        rule(400, 400, id=3, level=GOLD),
    )

    assert amounts(audiences, of=goods(10_000), to=(beneficiary, None))[0] == expected


def test_each_tier_uses_the_audience_of_its_own_distributor() -> None:
    audiences = plan(rule(1_000, 500, id=1), rule(2_000, 800, id=2, level=GOLD))
    gold, plain = Beneficiary("active", level=GOLD), Beneficiary("active")

    assert amounts(audiences, of=goods(10_000), to=(gold, plain)) == (2_000, 500)
    assert amounts(audiences, of=goods(10_000), to=(plain, gold)) == (1_000, 800)


def test_the_audience_precedes_the_nearer_category() -> None:
    both = plan(
        rule(400, None, id=1, layer="category", target=BEAUTY, level=GOLD),
        rule(300, None, id=2, layer="category", target=SKIN),
    )

    assert amounts(both, of=goods(10_000), to=(Beneficiary("active", level=GOLD), None)) == (400, 0)
    assert amounts(both, of=goods(10_000)) == (300, 0)


def test_the_nearer_category_precedes_the_priority() -> None:
    both = plan(
        rule(100, None, id=1, layer="category", target=BEAUTY, priority=9),
        rule(200, None, id=2, layer="category", target=SKIN),
    )

    assert amounts(both, of=goods(10_000)) == (200, 0)
    assert amounts(both, of=goods(10_000, categories=(BEAUTY,))) == (100, 0)


def test_the_higher_priority_applies_among_rules_for_the_same_target() -> None:
    both = plan(rule(100, None, id=1, priority=1), rule(200, None, id=2, priority=2))

    assert amounts(both, of=goods(10_000)) == (200, 0)


@pytest.mark.parametrize(
    ("starts", "ends", "valid"),
    [
        (None, None, True),
        (NOON, None, True),
        (NOON + HOUR, None, False),
        (None, NOON, False),
        (None, NOON + HOUR, True),
        (NOON - HOUR, NOON + HOUR, True),
    ],
)
def test_a_rule_is_valid_from_its_start_until_before_its_end(
    starts: Any, ends: Any, valid: bool
) -> None:
    both = plan(
        rule(200, None, id=1, layer="product", target=MASK, starts_at=starts, ends_at=ends),
        rule(100, None, id=2),
    )

    assert amounts(both, of=goods(10_000)) == (200 if valid else 100, 0)


@pytest.mark.parametrize(
    ("begins", "ends", "expected"),
    [(NOON, NOON + HOUR, 2_000), (NOON + HOUR, NOON + 2 * HOUR, 1_000), (NOON - HOUR, NOON, 1_000)],
)
def test_a_boost_multiplies_during_its_window(begins: Any, ends: Any, expected: int) -> None:
    boosted = plan(rule(1_000, None, boost=20_000, boost_from=begins, boost_until=ends))

    assert amounts(boosted, of=goods(10_000)) == (expected, 0)


def test_the_boost_precedes_the_cap_and_rounding() -> None:
    boosted = plan(rule(3_333, 500, boost=15_000, boost_from=NOON, boost_until=NOON + HOUR))

    assert amounts(boosted, of=goods(101)) == (50, 0)  # 50.494 of 50.5, and 0.005 left
    assert reasons(boosted, of=goods(101)) == ("paid", "capped")


@pytest.mark.parametrize(
    ("beneficiaries", "expected", "reason"),
    [
        ((None, None), (0, 0), ("no_upline", "no_upline")),
        ((ANYONE, None), (1_099, 0), ("paid", "no_upline")),
        ((Beneficiary("frozen"), ANYONE), (0, 549), ("not_active", "paid")),
        ((Beneficiary("suspended"), Beneficiary("exited")), (0, 0), ("not_active", "not_active")),
    ],
)
def test_a_missing_or_inactive_distributor_earns_nothing_and_nobody_moves_up(
    beneficiaries: Any, expected: tuple[int, int], reason: tuple[str, str]
) -> None:
    percentages = plan(rule(1_000, 500))

    assert amounts(percentages, to=beneficiaries) == expected
    assert reasons(percentages, to=beneficiaries) == reason


@pytest.mark.parametrize(
    ("terms", "line", "reason"),
    [
        (plan(rule(layer="product", target=8)), goods(), "no_rule"),
        (plan(), goods(), "no_rule"),
        (plan(rule()), goods(9), "below_one"),
        (plan(rule()), goods(0), "nothing_left"),
        (plan(rule(asset="points")), goods(999), "below_one"),
    ],
)
def test_an_award_of_nothing_gives_the_reason(terms: Plan, line: Any, reason: str) -> None:
    assert reasons(terms, of=line)[0] == reason


def test_returning_all_goods_leaves_nothing_of_a_fixed_amount() -> None:
    first, _ = award(
        basis(plan(rule(300, 100, kind="per_unit")), goods(10_000)), quantity=0, paid=5_000
    )

    assert (first.amount, first.reason) == (0, "nothing_left")
