"""Recount contests and team pools with plain numbers, from the terms that people read.

Part of the oracle: people by their nicknames, money in fen, and no look at the engine.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction


def contest(
    prizes: Mapping[int, int], values: Mapping[str, int], *, shares_ties: bool
) -> dict[str, int]:
    """Return what each wins, before the limit of the own orders.

    Equal values have the better place. They share the prizes of the places that they take, or each
    get that of the better one.

    :param prizes: by place; those of any places that follow each other can be split evenly
    :param values: of those who have any
    """
    won: dict[str, int] = {}
    for who, value in values.items():
        best = 1 + sum(other > value for other in values.values())
        tied = sum(other == value for other in values.values())
        if not shares_ties:
            won[who] = prizes.get(best, 0)
            continue
        together = sum(prizes.get(place, 0) for place in range(best, best + tied))
        won[who], rest = divmod(together, tied)
        assert not rest, "the odd fen of a tie is not recounted"
    return won


def pool(amount: int, own_sales: Mapping[str, int], most: Mapping[str, int]) -> dict[str, int]:
    """Return the shares of a pool: by own sales, and nobody more than the own orders leave.

    What exceeds the limit of one goes to the others, until nobody can take more.

    :param own_sales: of those who share, in the order in which they joined
    """
    parts = dict.fromkeys(own_sales, 0)
    left, open_to = amount, list(own_sales)
    while left and open_to:
        weights = [own_sales[who] for who in open_to]
        for who, part in zip(open_to, by_largest_remainder(left, weights), strict=True):
            taken = min(part, most[who] - parts[who])
            parts[who] += taken
            left -= taken
        open_to = [who for who in open_to if parts[who] < most[who]]
    return parts


def by_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split a sum into whole fen; of equal remainders the earlier one is rounded up."""
    exact = [Fraction(total * weight, sum(weights)) for weight in weights]
    parts = [math.floor(share) for share in exact]
    places = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in places[: total - sum(parts)]:
        parts[place] += 1
    return parts
