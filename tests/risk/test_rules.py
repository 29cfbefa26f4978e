"""The pure rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.models import Outcome, RuleName
from risk.rules import (
    RULES,
    AmountHistory,
    BindingBurst,
    DistributorAge,
    Evidence,
    OrderShare,
    OtherMembers,
    RuleSettings,
    SharedContacts,
    evaluate,
)

HOLD, PASS, UNKNOWN = "hold", "pass", "not_assessed"
counts = st.integers(min_value=0, max_value=10**6)


def limits(threshold: int, min_sample: int = 0, effect: str = HOLD) -> RuleSettings:
    return RuleSettings(threshold=threshold, min_sample=min_sample, effect=effect)


def spike(amount: int, count: int = 3, median: int = 100, maximum: int = 200) -> AmountHistory:
    return AmountHistory(amount=amount, count=count, median=median, maximum=maximum)


@pytest.mark.parametrize(
    ("name", "evidence", "settings", "outcome"),
    [
        ("amount_spike", spike(501), limits(500, 3), HOLD),
        ("amount_spike", spike(500), limits(500, 3), PASS),
        ("amount_spike", spike(501, maximum=501), limits(500, 3), PASS),
        ("amount_spike", spike(501, count=2), limits(500, 3), UNKNOWN),
        ("amount_spike", AmountHistory(amount=501, count=0), limits(500), UNKNOWN),
        ("new_distributor", DistributorAge(days=6), limits(7), HOLD),
        ("new_distributor", DistributorAge(days=7), limits(7), PASS),
        ("refund_rate", OrderShare(orders=10, matching=3), limits(30, 10), HOLD),
        ("refund_rate", OrderShare(orders=11, matching=3), limits(30, 10), PASS),
        ("refund_rate", OrderShare(orders=9, matching=9), limits(30, 10), UNKNOWN),
        ("refund_rate", OrderShare(orders=0, matching=0), limits(30), UNKNOWN),
        ("self_purchase", OrderShare(orders=10, matching=10), limits(100), HOLD),
        ("shared_phone", SharedContacts(own_contacts=1, buyers=5, shared=1), limits(1), HOLD),
        ("shared_device", SharedContacts(own_contacts=1, buyers=5, shared=1), limits(2), PASS),
        ("shared_address", SharedContacts(own_contacts=0, buyers=5, shared=0), limits(1), UNKNOWN),
        ("shared_address", SharedContacts(own_contacts=1, buyers=0, shared=0), limits(1), UNKNOWN),
        (
            "shared_address",
            SharedContacts(own_contacts=1, buyers=2, shared=2),
            limits(1, 3),
            UNKNOWN,
        ),
        ("shared_payee", OtherMembers(others=1), limits(1), HOLD),
        ("shared_payee", OtherMembers(others=0), limits(1), PASS),
        ("binding_burst", BindingBurst(max_per_hour=30), limits(30), HOLD),
        ("binding_burst", BindingBurst(max_per_hour=29), limits(30), PASS),
    ],
)
def test_rules_at_their_limits(
    name: str, evidence: Evidence, settings: RuleSettings, outcome: str
) -> None:
    assert evaluate(name, evidence, settings).outcome == outcome


@pytest.mark.parametrize("name", RuleName.values)
def test_without_evidence_a_rule_is_not_assessed(name: str) -> None:
    assert evaluate(name, None, limits(5)) == (UNKNOWN, {"threshold": 5, "min_sample": 0})


def test_the_evidence_is_saved_with_the_limits() -> None:
    finding = evaluate("refund_rate", OrderShare(orders=10, matching=4), limits(30, 5, "block"))

    assert finding.outcome == "block"
    assert finding.evidence == {"orders": 10, "matching": 4, "threshold": 30, "min_sample": 5}


def test_every_name_has_a_rule_and_every_outcome_a_label() -> None:
    assert set(RULES) == set(RuleName.values)
    assert {HOLD, PASS, UNKNOWN, "block"} == set(Outcome.values)


@given(st.sampled_from(["refund_rate", "self_purchase"]), counts, counts, st.integers(1, 100))
def test_a_lower_threshold_holds_at_least_as_much(
    name: str, orders: int, matching: int, threshold: int
) -> None:
    evidence: Any = OrderShare(orders=orders + matching, matching=matching)
    if evaluate(name, evidence, limits(threshold)).outcome == HOLD:
        assert evaluate(name, evidence, limits(max(threshold - 1, 1))).outcome == HOLD
