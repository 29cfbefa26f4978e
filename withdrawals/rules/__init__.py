"""Arithmetic of withdrawals: numbers in, numbers out. Amounts in fen."""

from withdrawals.rules.amounts import AmountParts, fee_of, split_gross
from withdrawals.rules.id_number import is_id_number
from withdrawals.rules.tax import NONE, REGIMES, Income, Regime, Withholding, withhold

__all__ = [
    "NONE",
    "REGIMES",
    "AmountParts",
    "Income",
    "Regime",
    "Withholding",
    "fee_of",
    "is_id_number",
    "split_gross",
    "withhold",
]
