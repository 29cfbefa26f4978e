"""Compute with money: integers in minor units, fen for cash and whole points for points.

Yuan appear only on screens and in files for people. ``floor`` and ``half_up`` are the only places
that drop a fraction of a fen; both are exact, and no float comes near money.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

FEN = 100
BASIS_POINTS = 10_000
"""The whole, in basis points: a rate of 250 is 2.5 %."""
YUAN = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,2}))?", re.ASCII)


class InvalidAmount(TwotierError):
    code = "invalid_amount"
    message = _("“%(text)s” is not an amount in yuan. Write it like 12.34.")


def floor(exact: Fraction) -> int:
    """Round down to a whole number (−1.5 → −2)."""
    return math.floor(exact)


def half_up(exact: Fraction) -> int:
    """Round to the nearest whole number; a half goes up (0.5 → 1, −0.5 → 0)."""
    return math.floor(exact + Fraction(1, 2))


def parse_yuan(text: str) -> int:
    """Return the fen of an amount in yuan such as ``12.34``, ``-0.5`` or ``7``.

    :raises InvalidAmount: for anything else, such as separators or a third decimal
    """
    match = YUAN.fullmatch(text.strip())
    if match is None:
        raise InvalidAmount(text=text[:40])
    sign, yuan, fen = match.groups()
    amount = int(yuan) * FEN + int((fen or "").ljust(2, "0"))
    return -amount if sign else amount


def format_yuan(fen: int) -> str:
    """Format fen as yuan: ``-1234567`` → ``-12,345.67``."""
    yuan, rest = divmod(abs(fen), FEN)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02}"


def plain_yuan(fen: int) -> str:
    """Format fen for forms and for other programs: ``-1234567`` → ``-12345.67``."""
    return format_yuan(fen).replace(",", "")


def yuan_text(fen: int) -> str:
    """Format fen for people: ``-1234567`` → ``-¥12,345.67``."""
    return f"{'-' if fen < 0 else ''}¥{format_yuan(abs(fen))}"


def percent(basis_points: int) -> str:
    """Format basis points for people: ``825`` → ``8.25%``."""
    return f"{basis_points / 100:g}%"


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Split ``total`` in proportion to ``weights`` into whole parts that add up to it exactly.

    Uses the largest remainder method (Hamilton): every part is rounded down, then the largest
    remainders get one unit more each. Between equal remainders the earlier part comes first.

    :param total: minor units, not negative
    :param weights: not negative, at least one above 0
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError(f"cannot split {total} by {list(weights)}")
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
