"""Numbers in, outcome out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.models import Name, Outcome
from risk.rules import (
    RULES,
    Age,
    Amounts,
    Burst,
    Evidence,
    Limits,
    Others,
    Share,
    Sharing,
    judge,
)

HOLD, PASS, UNKNOWN = "hold", "pass", "not_assessed"
counts = st.integers(min_value=0, max_value=10**6)


def limits(threshold: int, least: int = 0, effect: str = HOLD) -> Limits:
    return Limits(threshold=threshold, least=least, effect=effect)


def spike(amount: int, count: int = 3, median: int = 100, maximum: int = 200) -> Amounts:
    return Amounts(amount=amount, count=count, median=median, maximum=maximum)


@pytest.mark.parametrize(
    ("name", "evidence", "its", "outcome"),
    [
        ("amount_spike", spike(501), limits(500, 3), HOLD),
        ("amount_spike", spike(500), limits(500, 3), PASS),
        ("amount_spike", spike(501, maximum=501), limits(500, 3), PASS),
        ("amount_spike", spike(501, count=2), limits(500, 3), UNKNOWN),
        ("amount_spike", Amounts(amount=501, count=0), limits(500), UNKNOWN),
        ("new_distributor", Age(days=6), limits(7), HOLD),
        ("new_distributor", Age(days=7), limits(7), PASS),
        ("refund_rate", Share(orders=10, found=3), limits(30, 10), HOLD),
        ("refund_rate", Share(orders=11, found=3), limits(30, 10), PASS),
        ("refund_rate", Share(orders=9, found=9), limits(30, 10), UNKNOWN),
        ("refund_rate", Share(orders=0, found=0), limits(30), UNKNOWN),
        ("self_purchase", Share(orders=10, found=10), limits(100), HOLD),
        ("shared_phone", Sharing(known=1, buyers=5, shared=1), limits(1), HOLD),
        ("shared_device", Sharing(known=1, buyers=5, shared=1), limits(2), PASS),
        ("shared_address", Sharing(known=0, buyers=5, shared=0), limits(1), UNKNOWN),
        ("shared_address", Sharing(known=1, buyers=0, shared=0), limits(1), UNKNOWN),
        ("shared_address", Sharing(known=1, buyers=2, shared=2), limits(1, 3), UNKNOWN),
        ("shared_payee", Others(others=1), limits(1), HOLD),
        ("shared_payee", Others(others=0), limits(1), PASS),
        ("binding_burst", Burst(most=30), limits(30), HOLD),
        ("binding_burst", Burst(most=29), limits(30), PASS),
    ],
)
def test_a_rule_at_its_limits(name: str, evidence: Evidence, its: Limits, outcome: str) -> None:
    assert judge(name, evidence, its).outcome == outcome


@pytest.mark.parametrize("name", Name.values)
def test_without_evidence_nothing_is_said_and_that_is_seen(name: str) -> None:
    assert judge(name, None, limits(5)) == (UNKNOWN, {"threshold": 5, "least": 0})


def test_the_evidence_is_kept_with_the_limits() -> None:
    found = judge("refund_rate", Share(orders=10, found=4), limits(30, 5, "block"))

    assert found.outcome == "block"
    assert found.evidence == {"orders": 10, "found": 4, "threshold": 30, "least": 5}


def test_every_name_has_a_rule_and_every_outcome_a_word() -> None:
    assert set(RULES) == set(Name.values)
    assert {HOLD, PASS, UNKNOWN, "block"} == set(Outcome.values)


@given(st.sampled_from(["refund_rate", "self_purchase"]), counts, counts, st.integers(1, 100))
def test_what_is_held_at_one_threshold_is_held_at_any_lower(
    name: str, orders: int, found: int, threshold: int
) -> None:
    its: Any = Share(orders=orders + found, found=found)
    if judge(name, its, limits(threshold)).outcome == HOLD:
        assert judge(name, its, limits(max(threshold - 1, 1))).outcome == HOLD
