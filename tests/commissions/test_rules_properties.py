"""Property tests of the rules: for every plan, line and refund."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commissions.rules import Basis, Beneficiary, Goods, Plan, Rule, award, build_bases
from common.money import floor
from tests.cast import NOON
from tests.commissions.values import goods, plan, rule

pytestmark = pytest.mark.slow

ASSETS = ["cash", "store_credit", "points", "bonus"]
STATUSES = ["active", "suspended", "frozen", "exited"]

money = st.integers(0, 10**9)
rates = st.none() | st.integers(0, 10_000)
beneficiaries = st.none() | st.builds(
    Beneficiary,
    status=st.sampled_from(STATUSES),
    level=st.none() | st.integers(1, 2),
    segment=st.none() | st.integers(1, 2),
)
lines = st.builds(
    Goods,
    product=st.integers(1, 3),
    categories=st.sampled_from([(1,), (1, 2), (3, 2)]),
    quantity=st.integers(1, 50),
    paid=money,
    unit_cost=st.none() | st.integers(0, 10**6),
)


@st.composite
def rules(draw: Any, number: int, kinds: tuple[str, ...], assets: list[str]) -> Rule:
    layer, kind = (
        draw(st.sampled_from(["product", "category", "store"])),
        draw(st.sampled_from(kinds)),
    )
    audience = draw(st.sampled_from(["level", "segment", ""]))
    value = rates if kind == "percent" else st.none() | st.integers(0, 10**6)
    boosted = draw(st.booleans())
    return Rule(
        id=number,
        layer=layer,
        target=None if layer == "store" else draw(st.integers(1, 3)),
        level=draw(st.integers(1, 2)) if audience == "level" else None,
        segment=draw(st.integers(1, 2)) if audience == "segment" else None,
        priority=number,
        kind=kind,
        tiers=(draw(value), draw(value)),
        base=draw(st.sampled_from(["paid", "profit"])) if kind == "percent" else "paid",
        asset=draw(st.sampled_from(assets)),
        boost=draw(st.integers(10_000, 100_000)) if boosted else None,
        boost_from=NOON if boosted else None,
        boost_until=NOON.replace(year=2027) if boosted else None,
    )


@st.composite
def plans(draw: Any, kinds: tuple[str, ...] = ("percent", "per_unit", "per_order")) -> Plan:
    combine = draw(st.sampled_from(["first", "best", "sum"]))
    assets = ASSETS if combine == "first" else [draw(st.sampled_from(ASSETS))]
    plan_rules = [
        draw(rules(number, kinds, assets)) for number in range(1, draw(st.integers(1, 6)) + 1)
    ]
    return Plan(
        layers=tuple(draw(st.permutations(["product", "category", "store"]))),
        combine=combine,
        cap=draw(st.integers(0, 10_000)),
        rules=tuple(plan_rules),
    )


@st.composite
def remaining(draw: Any, line: Goods) -> tuple[int, int]:
    """Draw the units and amount that remain of a line after a refund."""
    return draw(st.integers(0, line.quantity)), draw(st.integers(0, line.paid))


cases = st.tuples(
    plans(), st.lists(lines, min_size=1, max_size=5), st.tuples(beneficiaries, beneficiaries)
)


@given(cases, st.data())
def test_no_line_pays_more_than_its_cap_or_less_than_0(case: Any, data: st.DataObject) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        quantity, paid = data.draw(remaining(line))
        awards = award(basis, quantity=quantity, paid=paid)
        assert len(awards) == 2
        assert all(result.amount >= 0 for result in awards)
        in_money = sum(result.amount for result in awards if result.asset != "points")
        assert in_money * 10_000 <= terms.cap * paid


@given(cases, st.data())
def test_the_stored_basis_alone_yields_the_same_amounts(case: Any, data: st.DataObject) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        quantity, paid = data.draw(remaining(line))
        stored = json.loads(json.dumps(basis.as_json()))
        restored = Basis.from_json(stored)
        assert restored == basis
        assert award(restored, quantity=quantity, paid=paid) == award(
            basis, quantity=quantity, paid=paid
        )


@given(cases)
def test_a_line_returned_completely_earns_nothing(case: Any) -> None:
    terms, order, people = case
    for basis in build_bases(terms, order, people, NOON):
        assert [
            result.amount for result in award(basis, quantity=0, paid=0)
        ] == [0, 0]  # fmt: skip


@given(cases)
def test_each_tier_is_paid_or_gives_a_reason(case: Any) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        for result, beneficiary in zip(
            award(basis, quantity=line.quantity, paid=line.paid), people, strict=True
        ):
            assert bool(result.amount) <= bool(beneficiary and beneficiary.earns)
            assert result.reason != "paid" or result.amount > 0
            if beneficiary is None:
                assert result.reason == "no_upline"
            elif not beneficiary.earns:
                assert result.reason == "not_active"


@given(plans(), lines, st.tuples(beneficiaries, beneficiaries), st.data())
def test_a_higher_remaining_amount_earns_tier_1_no_less(
    terms: Plan, line: Goods, people: Any, data: st.DataObject
) -> None:
    [basis] = build_bases(terms, [line], people, NOON)
    less = data.draw(st.integers(0, line.paid))
    more = data.draw(st.integers(less, line.paid))
    assert (
        award(basis, quantity=line.quantity, paid=less)[0].amount
        <= award(basis, quantity=line.quantity, paid=more)[0].amount
    )


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.lists(money, min_size=1, max_size=8))
def test_percentages_never_grow_while_a_line_is_refunded(
    tier1: int, tier2: int, refunds: list[int]
) -> None:
    [basis] = build_bases(
        plan(rule(tier1, tier2)), [goods(sum(refunds))], (Beneficiary("active"),) * 2, NOON
    )
    left, previous = sum(refunds), None
    for amount in [0, *refunds]:
        left -= amount
        now = [result.amount for result in award(basis, quantity=1, paid=left)]
        assert previous is None or all(new <= old for new, old in zip(now, previous, strict=True))
        previous = now
    assert previous == [0, 0]


@given(st.integers(0, 5_000), money)
def test_an_amount_is_rounded_down_once(rate: int, paid: int) -> None:
    [basis] = build_bases(
        plan(rule(rate, None)), [goods(paid)], (Beneficiary("active"), None), NOON
    )
    assert award(basis, quantity=1, paid=paid)[0].amount == floor(Fraction(rate * paid, 10_000))


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=12),
    st.integers(10_000, 100_000),
    st.sampled_from(["first", "best", "sum"]),
)
def test_the_shares_of_an_amount_per_order_add_up_to_it(
    value: int, paid: list[int], boost: int, combine: str
) -> None:
    # In points, which the cap does not limit.
    fixed = rule(
        value, None, kind="per_order", asset="points",
        boost=boost, boost_from=NOON, boost_until=NOON.replace(year=2027),
    )  # fmt: skip
    order = [goods(amount) for amount in paid]
    bases = build_bases(plan(fixed, combine=combine), order, (Beneficiary("active"), None), NOON)
    parts = [
        award(basis, quantity=1, paid=line.paid)[0].amount
        for basis, line in zip(bases, order, strict=True)
    ]
    assert sum(parts) == value * boost // 10_000
