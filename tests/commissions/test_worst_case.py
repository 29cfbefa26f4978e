"""The worst case of a line, by pure rules: no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commissions.rules import (
    Beneficiary,
    Goods,
    Plan,
    Rule,
    award,
    build_bases,
    deciding_rules,
    worst_case,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
GOODS = Goods(product=7, categories=(3, 1), quantity=1, paid=10_000, unit_cost=4_000)


def rule(number: int, tier1: int | None, tier2: int | None, **fields: Any) -> Rule:
    usual: dict[str, Any] = {
        "id": number, "layer": "store", "target": None, "level": None, "segment": None,
        "priority": 0, "kind": "percent", "tiers": (tier1, tier2), "base": "paid",
        "asset": "cash",
    }  # fmt: skip
    return Rule(**{**usual, **fields})


def plan(*rules: Rule, combine: str = "first", cap: int = 3_000) -> Plan:
    return Plan(("product", "category", "store"), combine, cap, rules)


def share(*rules: Rule, **terms: Any) -> Fraction:
    return worst_case(plan(*rules, **terms), GOODS, at=NOW).share


def test_both_tiers_of_one_rule_add_up_before_the_cap() -> None:
    assert share(rule(1, 4_000, 600)) == 4_600


def test_two_audiences_may_meet_in_one_order() -> None:
    for_gold = rule(1, 3_000, None, level=5)
    for_all = rule(2, 500, 2_500)

    assert share(for_gold, for_all) == 5_500


def test_a_rule_that_another_always_precedes_does_not_count() -> None:
    assert share(rule(1, 9_000, None), rule(2, 1_000, 500, layer="product", target=7)) == 1_500


@pytest.mark.parametrize(
    ("combine", "expected"), [("first", 1_500), ("best", 2_500), ("sum", 3_500)]
)
def test_layers_combine_as_the_plan_says(combine: str, expected: int) -> None:
    rules = rule(1, 2_000, None), rule(2, 1_000, 500, layer="category", target=1)

    # best: 20 % of the store for tier 1, and nothing but the category's 5 % for tier 2.
    assert share(*rules, combine=combine) == expected


def test_a_boost_that_is_still_to_come_counts() -> None:
    boosted = rule(1, 1_000, 500, boost=20_000, boost_from=NOW + DAY, boost_until=NOW + 2 * DAY)

    assert share(boosted) == 3_000


def test_a_boost_that_is_over_does_not_count() -> None:
    assert share(
        rule(1, 1_000, 500, boost=20_000, boost_from=NOW - 2 * DAY, boost_until=NOW)
    ) == 1_500  # fmt: skip


def test_a_rule_counts_that_starts_later_or_follows_one_that_ends() -> None:
    ends = rule(1, 100, None, priority=1, ends_at=NOW + DAY)
    assert share(ends, rule(2, 2_000, 100)) == 2_100
    assert share(rule(1, 100, None), rule(2, 900, 1, priority=1, starts_at=NOW + DAY)) == 901


def test_fixed_amounts_are_a_share_of_the_price_and_points_are_none() -> None:
    assert share(rule(1, 1_200, 300, kind="per_unit")) == 1_500
    assert share(rule(1, 1_200, 300, kind="per_order")) == 1_500
    assert share(rule(1, 9_000, 9_000, asset="points")) == 0


def test_profit_is_what_the_cost_leaves() -> None:
    assert share(rule(1, 5_000, None, base="profit")) == 3_000


def test_goods_for_nothing_have_no_share() -> None:
    free = Goods(7, (), 1, 0, 0)

    assert worst_case(plan(rule(1, 4_000, 600)), free, at=NOW).share == 0


def test_the_deciding_rules_are_those_that_pay_anybody() -> None:
    rules = (
        rule(1, 1_000, 500), rule(2, 900, None, layer="product", target=7),
        rule(3, 800, None, layer="product", target=7, level=2), rule(4, 1, 1, priority=1),
    )  # fmt: skip

    assert deciding_rules(plan(*rules), GOODS, at=NOW) == {2, 3}
    assert deciding_rules(plan(*rules, combine="sum"), GOODS, at=NOW) == {2, 3, 4}


def test_terms_survive_json() -> None:
    terms = plan(
        rule(1, 1_000, None, starts_at=NOW, boost=20_000, boost_from=NOW, boost_until=NOW + DAY),
        rule(2, None, 5, layer="category", target=3, segment=4, kind="per_unit"),
    )

    assert Plan.from_json(terms.as_json()) == terms


rates = st.none() | st.integers(0, 10_000)
some_rules = st.lists(
    st.tuples(
        rates, rates, st.sampled_from([("store", None), ("category", 1), ("product", 7)]),
        st.sampled_from([(None, None), (1, None), (None, 2)]), st.integers(0, 3),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


people = st.builds(
    Beneficiary, st.just("active"), st.sampled_from([None, 1]), st.sampled_from([None, 2]),
    st.sampled_from([10_000, 15_000, 30_000]),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(some_rules, st.sampled_from(["first", "best", "sum"]), people, people, st.integers(0, 3))
def test_no_order_pays_more_than_the_worst_case(
    drawn: Any, combine: str, first: Beneficiary, second: Beneficiary, day: int
) -> None:
    rules = [
        rule(
            number,
            tier1,
            tier2,
            layer=layer,
            target=target,
            level=level,
            segment=segment,
            priority=number,
            starts_at=NOW + start * DAY,
        )
        for number, (tier1, tier2, (layer, target), (level, segment), start) in enumerate(drawn)
    ]
    terms = plan(*rules, combine=combine, cap=10_000)

    [basis] = build_bases(terms, [GOODS], (first, second), NOW + day * DAY)
    paid = sum(part.exact for part in award(basis, quantity=1, paid=GOODS.paid))

    assert paid <= worst_case(terms, GOODS, at=NOW, boost=30_000).total
