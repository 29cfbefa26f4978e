"""Money is an integer in minor units: fen for cash, whole points for points.

Yuan exist on screens and in files for people only.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from common import rounding
from common.errors import TwotierError

FEN = 100
YUAN = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,2}))?", re.ASCII)


class InvalidAmount(TwotierError):
    code = "invalid_amount"
    message = _("“%(text)s” is no amount in yuan: write it like 12.34.")


def parse_yuan(text: str) -> int:
    """Fen from yuan as a person or a file writes them: ``12.34``, ``-0.5``, ``7``.

    :raises NotAnAmount: anything else: signs, blanks or separators inside, a third decimal
    """
    match = YUAN.fullmatch(text.strip())
    if match is None:
        raise InvalidAmount(text=text[:40])
    sign, yuan, fen = match.groups()
    amount = int(yuan) * FEN + int((fen or "").ljust(2, "0"))
    return -amount if sign else amount


def format_yuan(fen: int) -> str:
    """``-1234567`` → ``-12,345.67``."""
    yuan, rest = divmod(abs(fen), FEN)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{rest:02}"


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share ``total`` out by ``weights``; the parts are whole and add up to ``total`` exactly.

    Each part gets its share rounded down, then the largest remainders get one unit more until
    nothing is left (Hamilton's method); between equal remainders the earlier part comes first.

    :param total: minor units, not negative
    :param weights: not negative, at least one above 0
    """
    whole = sum(weights)
    if total < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError(f"cannot split {total} by {list(weights)}")
    exact = [Fraction(total * weight, whole) for weight in weights]
    parts = [rounding.floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
