"""The only places where a fraction of a fen disappears. Both are exact: no float is near money."""

from __future__ import annotations

import math
from fractions import Fraction


def floor(exact: Fraction) -> int:
    """The largest whole number that is not above ``exact`` (−1.5 → −2)."""
    return math.floor(exact)


def half_up(exact: Fraction) -> int:
    """The nearest whole number; a half goes up (0.5 → 1, −0.5 → 0)."""
    return math.floor(exact + Fraction(1, 2))
