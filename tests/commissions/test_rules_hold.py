"""What holds of every plan, every line and every refund."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commissions.rules import Basis, Goods, Payee, Plan, Rule, award, build_bases, recompute
from common.rounding import floor
from tests.cast import NOON
from tests.commissions.sums import goods, plan, rule

ASSETS = ["cash", "store_credit", "points", "bonus"]
STATUSES = ["active", "suspended", "frozen", "exited"]

money = st.integers(0, 10**9)
rates = st.none() | st.integers(0, 10_000)
payees = st.none() | st.builds(
    Payee,
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
    made = [draw(rules(number, kinds, assets)) for number in range(1, draw(st.integers(1, 6)) + 1)]
    return Plan(
        layers=tuple(draw(st.permutations(["product", "category", "store"]))),
        combine=combine,
        cap=draw(st.integers(0, 10_000)),
        rules=tuple(made),
    )


@st.composite
def refunded(draw: Any, line: Goods) -> tuple[int, int]:
    """What remains of a line after some refund."""
    return draw(st.integers(0, line.quantity)), draw(st.integers(0, line.paid))


cases = st.tuples(plans(), st.lists(lines, min_size=1, max_size=5), st.tuples(payees, payees))


@given(cases, st.data())
def test_no_line_pays_more_than_its_cap_and_nobody_less_than_nothing(
    case: Any, data: st.DataObject
) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        quantity, paid = data.draw(refunded(line))
        awards = award(basis, quantity=quantity, paid=paid)
        assert len(awards) == 2
        assert all(one.amount >= 0 for one in awards)
        in_money = sum(one.amount for one in awards if one.asset != "points")
        assert in_money * 10_000 <= terms.cap * paid


@given(cases, st.data())
def test_from_its_explanation_alone_anyone_computes_the_same(
    case: Any, data: st.DataObject
) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        quantity, paid = data.draw(refunded(line))
        kept = json.loads(json.dumps(basis.as_json()))
        assert Basis.from_json(kept) == basis
        assert [
            recompute(kept, tier=tier, quantity=quantity, paid=paid) for tier in (1, 2)
        ] == [one.amount for one in award(basis, quantity=quantity, paid=paid)]  # fmt: skip


@given(cases)
def test_a_line_that_came_back_whole_earns_nothing(case: Any) -> None:
    terms, order, people = case
    for basis in build_bases(terms, order, people, NOON):
        assert [
            one.amount for one in award(basis, quantity=0, paid=0)
        ] == [0, 0]  # fmt: skip


@given(cases)
def test_each_tier_is_paid_or_says_why_not(case: Any) -> None:
    terms, order, people = case
    for line, basis in zip(order, build_bases(terms, order, people, NOON), strict=True):
        for one, payee in zip(
            award(basis, quantity=line.quantity, paid=line.paid), people, strict=True
        ):
            assert bool(one.amount) <= bool(payee and payee.earns)
            assert one.reason != "paid" or one.amount > 0
            if payee is None:
                assert one.reason == "no_upline"
            elif not payee.earns:
                assert one.reason == "not_active"


@given(plans(), lines, st.tuples(payees, payees), st.data())
def test_of_what_was_paid_more_left_earns_tier_1_no_less(
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
def test_in_percent_both_only_fall_while_a_line_comes_back(
    tier1: int, tier2: int, refunds: list[int]
) -> None:
    [basis] = build_bases(
        plan(rule(tier1, tier2)), [goods(sum(refunds))], (Payee("active"),) * 2, NOON
    )
    left, before = sum(refunds), None
    for amount in [0, *refunds]:
        left -= amount
        now = [one.amount for one in award(basis, quantity=1, paid=left)]
        assert before is None or all(new <= old for new, old in zip(now, before, strict=True))
        before = now
    assert before == [0, 0]


@given(st.integers(0, 5_000), money)
def test_the_fraction_is_dropped_once(rate: int, paid: int) -> None:
    [basis] = build_bases(plan(rule(rate, None)), [goods(paid)], (Payee("active"), None), NOON)
    assert award(basis, quantity=1, paid=paid)[0].amount == floor(Fraction(rate * paid, 10_000))


@given(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=12),
    st.integers(10_000, 100_000),
    st.sampled_from(["first", "best", "sum"]),
)
def test_the_lines_of_an_order_add_up_to_its_fixed_amount(
    value: int, paid: list[int], boost: int, combine: str
) -> None:
    # In points, which no cap cuts.
    fixed = rule(
        value, None, kind="per_order", asset="points",
        boost=boost, boost_from=NOON, boost_until=NOON.replace(year=2027),
    )  # fmt: skip
    order = [goods(amount) for amount in paid]
    made = build_bases(plan(fixed, combine=combine), order, (Payee("active"), None), NOON)
    parts = [
        award(basis, quantity=1, paid=line.paid)[0].amount
        for basis, line in zip(made, order, strict=True)
    ]
    assert sum(parts) == value * boost // 10_000
