"""Compute how much a line earns for each tier: no database, no clock, no settings.

All amounts are minor units (fen, or whole points), all rates basis points. The order of the
arithmetic, in exact fractions: rule → boost → combine → cap → floor, once per tier.
"""

from commissions.rules.calculation import award
from commissions.rules.selection import build_bases
from commissions.rules.terms import (
    ONE_HUNDRED_PERCENT,
    POINTS,
    Award,
    Basis,
    Beneficiary,
    Goods,
    Offer,
    Plan,
    Rule,
)
from commissions.rules.worst_case import WorstCase, deciding_rules, worst_case
