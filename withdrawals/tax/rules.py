"""Withholding of individual income tax (个人所得税预扣预缴) from what distributors are paid.

The company's tax adviser chooses the regime. All amounts are fen and every step is exact: only the
tax itself is rounded, once, half up to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, NamedTuple

from common import money

YUAN = 100  # fen
TAXABLE_SHARE = Fraction(8, 10)  # of the income, after the flat deduction of 20 % for costs


class Regime(StrEnum):
    NONE = "none"
    LABOR_PER_PAYMENT = "labor_per_payment"
    PLATFORM_CUMULATIVE = "platform_cumulative"


# The version of each regime in force. A change of the law adds a version, so that older tax can
# still be recomputed.
REGIMES: dict[Regime, int] = {
    Regime.NONE: 1,
    Regime.LABOR_PER_PAYMENT: 1,
    Regime.PLATFORM_CUMULATIVE: 1,
}


class Bracket(NamedTuple):
    """The rate (basis points) and quick deduction (fen) of taxable income up to a bound (fen)."""

    upper_bound: int | None
    rate: int
    quick_deduction: int


# 预扣率表二 of 国家税务总局公告2018年第61号: remuneration for labour.
LABOR = (
    Bracket(20_000 * YUAN, 2_000, 0),
    Bracket(50_000 * YUAN, 3_000, 2_000 * YUAN),
    Bracket(None, 4_000, 7_000 * YUAN),
)
# 预扣率表一 of the same, which 国家税务总局公告2025年第16号 applies to people on platforms.
CUMULATIVE = (
    Bracket(36_000 * YUAN, 300, 0),
    Bracket(144_000 * YUAN, 1_000, 2_520 * YUAN),
    Bracket(300_000 * YUAN, 2_000, 16_920 * YUAN),
    Bracket(420_000 * YUAN, 2_500, 31_920 * YUAN),
    Bracket(660_000 * YUAN, 3_000, 52_920 * YUAN),
    Bracket(960_000 * YUAN, 3_500, 85_920 * YUAN),
    Bracket(None, 4_500, 181_920 * YUAN),
)
FLAT_UNTIL = 4_000 * YUAN
FLAT_DEDUCTION = 800 * YUAN
MONTHLY_DEDUCTION = 5_000 * YUAN


@dataclass(frozen=True, kw_only=True)
class Income:
    """The inputs of the tax of one payment. Amounts in fen.

    ``income_before`` and ``withheld_before`` are of the same member and tax period, without this
    payment: the month under ``labor_per_payment``, the run of months without a gap in this year
    under ``platform_cumulative``. ``months`` is the length of that run, this month included.
    """

    regime: str
    version: int
    amount: int
    income_before: int = 0
    withheld_before: int = 0
    months: int = 1

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Withholding:
    """The tax of a payment and its computation.

    ``taxable`` (fen, may have a fraction), ``rate`` (basis points) and ``quick_deduction`` (fen)
    are of the whole period with this payment; ``due`` (fen) is the period's tax by them.
    """

    tax: int
    taxable: Fraction
    rate: int
    quick_deduction: int
    due: int


def withhold(income: Income) -> Withholding:
    """Compute the tax of a payment: the period's tax including it, less the tax withheld so far.

    The result is never below 0: excess tax is settled in the member's annual return.

    :raises ValueError: an unknown regime or version, or impossible numbers
    """
    regime = _validated_regime(income)
    total = income.income_before + income.amount
    if regime is Regime.NONE:
        return Withholding(tax=0, taxable=Fraction(0), rate=0, quick_deduction=0, due=0)
    if regime is Regime.LABOR_PER_PAYMENT:
        taxable = labor_taxable(total)
        bracket = _bracket(taxable, LABOR)
    else:
        taxable = cumulative_taxable(total, months=income.months)
        bracket = _bracket(taxable, CUMULATIVE)
    due = money.half_up(_tax(taxable, bracket))
    return Withholding(
        tax=max(due - income.withheld_before, 0),
        taxable=taxable,
        rate=bracket.rate,
        quick_deduction=bracket.quick_deduction,
        due=due,
    )


def labor_taxable(income: int) -> Fraction:
    """Return the taxable part of a month's remuneration for labour (劳务报酬所得).

    国家税务总局公告2018年第61号: up to 4,000 yuan less 800, above less 20 %. What one project pays
    continuously within a month counts as one income (个人所得税法实施条例).
    """
    if income > FLAT_UNTIL:
        return income * TAXABLE_SHARE
    return Fraction(max(income - FLAT_DEDUCTION, 0))


def cumulative_taxable(income: int, *, months: int) -> Fraction:
    """Return the taxable part of a platform's payments in a run of months of one year.

    国家税务总局公告2025年第16号 (from 2025-10-01): 累计预扣法 of 公告2018年第61号 with 20 % of the
    income as costs, and 5,000 yuan for each month of the year so far in which the platform has paid
    without a gap. Insurance and other deductions of employees do not exist here.
    """
    return max(income * TAXABLE_SHARE - MONTHLY_DEDUCTION * months, Fraction(0))


def _validated_regime(income: Income) -> Regime:
    regime = Regime(income.regime)
    if not 1 <= income.version <= REGIMES[regime]:
        raise ValueError(f"{regime} has no version {income.version}")
    if income.amount <= 0 or income.income_before < 0 or income.withheld_before < 0:
        raise ValueError(f"impossible income: {income}")
    if not 1 <= income.months <= 12:  # noqa: PLR2004 - of a year
        raise ValueError(f"months must be 1 to 12, not {income.months}")
    return regime


def _bracket(taxable: Fraction, brackets: Sequence[Bracket]) -> Bracket:
    return next(
        bracket
        for bracket in brackets
        if bracket.upper_bound is None or taxable <= bracket.upper_bound
    )


def _tax(taxable: Fraction, bracket: Bracket) -> Fraction:
    return taxable * Fraction(bracket.rate, money.BASIS_POINTS) - bracket.quick_deduction
