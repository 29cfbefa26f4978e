"""Vectors of the tables in the law, and properties for any amount."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.money import parse_yuan
from withdrawals.tax.rules import (
    CUMULATIVE,
    LABOR,
    REGIMES,
    Income,
    Regime,
    labor_taxable,
    withhold,
)

CENTURY = 10**11  # fen: far above any real income
amounts = st.integers(min_value=1, max_value=10**9)


def income(amount: int, regime: Regime = Regime.LABOR_PER_PAYMENT, **before: int) -> Income:
    return Income(regime=regime, version=REGIMES[regime], amount=amount, **before)


def paid_one_by_one(regime: Regime, payments: list[int], *, monthly: bool = False) -> list[int]:
    """Return the tax of each payment; ``monthly`` puts each in its own month."""
    withheld: list[int] = []
    for number, amount in enumerate(payments):
        inputs = income(
            amount, regime, income_before=sum(payments[:number]), withheld_before=sum(withheld),
            months=number + 1 if monthly else 1,
        )  # fmt: skip
        withheld.append(withhold(inputs).tax)
    return withheld


def exact_tax(total: int, *, months: int = 0) -> Fraction:
    """Return the tax of a period's income before it is rounded; with ``months``, on a platform."""
    if total == 0:
        return Fraction(0)
    platform = Regime.PLATFORM_CUMULATIVE
    result = withhold(income(total, platform, months=months) if months else income(total))
    return result.taxable * Fraction(result.rate, 10_000) - result.quick_deduction


def yuan(*texts: str) -> list[int]:
    return [parse_yuan(text) for text in texts]


@pytest.mark.parametrize(
    ("gross", "taxable", "tax", "net"),
    [
        ("0.01", "0", "0.00", "0.01"),
        ("800.00", "0", "0.00", "800.00"),
        ("800.02", "0.02", "0.00", "800.02"),
        ("800.03", "0.03", "0.01", "800.02"),
        ("801.00", "1", "0.20", "800.80"),
        ("1000.00", "200", "40.00", "960.00"),
        ("2500.55", "1700.55", "340.11", "2160.44"),
        ("3999.99", "3199.99", "640.00", "3359.99"),
        ("4000.00", "3200", "640.00", "3360.00"),
        ("4000.01", "3200.008", "640.00", "3360.01"),
        ("4001.00", "3200.80", "640.16", "3360.84"),
        ("5000.00", "4000", "800.00", "4200.00"),
        ("12345.67", "9876.536", "1975.31", "10370.36"),
        ("25000.00", "20000", "4000.00", "21000.00"),
        ("25000.01", "20000.008", "4000.00", "21000.01"),
        ("30000.00", "24000", "5200.00", "24800.00"),
        ("50000.00", "40000", "10000.00", "40000.00"),
        ("62500.00", "50000", "13000.00", "49500.00"),
        ("100000.00", "80000", "25000.00", "75000.00"),
    ],
)
def test_one_payment_for_labour(gross: str, taxable: str, tax: str, net: str) -> None:
    result = withhold(income(parse_yuan(gross)))

    assert result.taxable == Fraction(taxable) * 100
    assert result.tax == parse_yuan(tax)
    assert parse_yuan(gross) - result.tax == parse_yuan(net)


def test_payments_of_a_month_count_together() -> None:
    payments = yuan("600", "600", "3000")

    assert paid_one_by_one(Regime.LABOR_PER_PAYMENT, payments) == yuan("0", "80", "592")


@pytest.mark.parametrize(
    ("months", "withheld"),
    [
        (["6250"] * 3, ["0", "0", "0"]),
        (["10000"] * 4, ["90", "90", "90", "90"]),
        (["20000"] * 6, ["330", "330", "330", "890", "1100", "1100"]),
        (["8000", "2000", "15000"], ["42", "0", "108"]),
        (["60000"] * 3, ["1780", "4300", "4300"]),
    ],
)
def test_months_on_a_platform(months: list[str], withheld: list[str]) -> None:
    taxes = paid_one_by_one(Regime.PLATFORM_CUMULATIVE, yuan(*months), monthly=True)

    assert taxes == yuan(*withheld)


def test_two_payments_of_one_month_share_its_deduction() -> None:
    halves = paid_one_by_one(Regime.PLATFORM_CUMULATIVE, yuan("5000", "5000"))

    assert halves == yuan("0", "90")


@pytest.mark.parametrize(
    ("amount", "rate", "quick_deduction"), [("20000", 2_000, 0), ("30000", 3_000, 200_000)]
)
def test_a_result_shows_its_computation(amount: str, rate: int, quick_deduction: int) -> None:
    result = withhold(income(parse_yuan(amount)))

    assert (result.rate, result.quick_deduction) == (rate, quick_deduction)
    assert result.due == result.tax


def test_the_none_regime_withholds_nothing() -> None:
    assert withhold(income(CENTURY, Regime.NONE)).tax == 0


@given(amounts, amounts, st.sampled_from(Regime), st.integers(min_value=1, max_value=12))
def test_stored_inputs_compute_the_same_tax(
    amount: int, before: int, regime: Regime, months: int
) -> None:
    inputs = income(amount, regime, income_before=before, withheld_before=before // 9,
                    months=months)  # fmt: skip
    result = withhold(inputs)

    stored = json.loads(json.dumps(inputs.as_json()))

    assert Income(**stored) == inputs
    assert withhold(Income(**stored)) == result


@given(st.integers(min_value=0, max_value=CENTURY), st.integers(min_value=0, max_value=10**7))
def test_a_higher_income_has_no_lower_tax_and_no_lower_net(earned: int, more: int) -> None:
    for tax in (exact_tax, partial(exact_tax, months=3)):
        rise = tax(earned + more) - tax(earned)
        assert 0 <= rise <= more


@pytest.mark.parametrize("place", ["4000", "25000", "62500"])
def test_tax_for_labour_is_continuous(place: str) -> None:
    here = parse_yuan(place)
    below, at, above = (exact_tax(here + step) for step in (-1, 0, 1))

    assert 0 < at - below <= Fraction(32, 100)
    assert 0 < above - at <= Fraction(32, 100)


@given(st.integers(min_value=0, max_value=CENTURY), st.integers(min_value=1, max_value=12))
def test_another_fen_is_taxed_at_most_at_its_rate(earned: int, months: int) -> None:
    assert exact_tax(earned + 1) - exact_tax(earned) <= Fraction(32, 100)
    before, after = (exact_tax(total, months=months) for total in (earned, earned + 1))
    assert after - before <= Fraction(36, 100)


@pytest.mark.parametrize("brackets", [LABOR, CUMULATIVE])
def test_quick_deductions_join_the_brackets(brackets: tuple[tuple[int, int, int], ...]) -> None:
    for (upper_bound, rate, quick_deduction), (_, next_rate, next_quick) in pairwise(brackets):
        assert upper_bound * (next_rate - rate) == (next_quick - quick_deduction) * 10_000


@given(st.lists(amounts, min_size=1, max_size=8), st.sampled_from(Regime))
def test_the_sum_of_a_month_does_not_depend_on_its_split(parts: list[int], regime: Regime) -> None:
    together = withhold(income(sum(parts), regime)).tax

    assert sum(paid_one_by_one(regime, parts)) == together
    assert sum(paid_one_by_one(regime, parts[::-1])) == together


@given(st.lists(amounts, min_size=1, max_size=12))
def test_cumulative_tax_is_never_negative(months: list[int]) -> None:
    withheld = paid_one_by_one(Regime.PLATFORM_CUMULATIVE, months, monthly=True)

    assert min(withheld) >= 0


def test_up_to_800_nothing_is_taxable() -> None:
    assert {labor_taxable(fen) for fen in (0, 1, 80_000)} == {0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 0},
        {"amount": -1},
        {"income_before": -1},
        {"withheld_before": -1},
        {"months": 0},
        {"months": 13},
        {"version": 0},
        {"version": 2},
        {"regime": "guess"},
    ],
)
def test_impossible_inputs_are_refused(wrong: dict[str, int | str]) -> None:
    right = income(100).as_json()
    with pytest.raises(ValueError):  # noqa: PT011 - the message differs by input
        withhold(Income(**{**right, **wrong}))
