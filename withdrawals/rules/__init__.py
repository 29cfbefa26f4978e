"""Arithmetic of withdrawals: numbers in, numbers out. Amounts in fen."""

from withdrawals.rules.amounts import Parts, split_gross
from withdrawals.rules.tax import NONE, REGIMES, Income, Regime, Withheld, withhold

__all__ = [
    "NONE",
    "REGIMES",
    "Income",
    "Parts",
    "Regime",
    "Withheld",
    "split_gross",
    "withhold",
]
