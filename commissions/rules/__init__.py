"""How much a line earns, and for whom: numbers in, numbers out. No database, no clock, no settings.

All amounts are minor units (fen, or whole points), all rates basis points. The order of the
arithmetic, in exact fractions: rule → boost → combine → cap → floor, once per tier.
"""

from commissions.rules.awarding import award, recompute
from commissions.rules.choosing import choose, judge
from commissions.rules.terms import (
    POINTS,
    WHOLE,
    Award,
    Basis,
    Goods,
    Offer,
    Payee,
    Plan,
    Rule,
)

__all__ = [
    "POINTS",
    "WHOLE",
    "Award",
    "Basis",
    "Goods",
    "Offer",
    "Payee",
    "Plan",
    "Rule",
    "award",
    "choose",
    "judge",
    "recompute",
]
