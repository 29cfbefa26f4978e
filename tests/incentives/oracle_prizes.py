"""Recount what prizes give for what is counted, within what the orders leave.

Part of the oracle: people by their nicknames, money in fen, and no look at the engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from tests.incentives.oracle_terms import MOST_OF_AN_ORDER, THINGS, Counted, Prize, Terms


def is_money(prize: Prize) -> bool:
    return prize.asset not in ("points", *THINGS)


def left_of(counted: Counted) -> int:
    return max(0, MOST_OF_AN_ORDER * counted.paid // 100 - counted.commissions)


def claim(terms: Terms, counted: Counted, side: str) -> int:
    """Return the most that prizes in money give for an order, rounded up."""
    prizes = [row for row in terms.prizes if row.side == side and is_money(row)]
    if terms.reach == "each":
        return sum(amount_of(prize, _base(terms, counted)) for prize in prizes)
    rates: dict[str, list[Fraction]] = {}
    for prize in prizes:
        rate = Fraction(prize.of, 100 if prize.is_percent else prize.threshold)
        if prize.is_percent and prize.most is not None:
            rate = min(rate, Fraction(prize.most, prize.threshold))
        rates.setdefault(prize.asset, []).append(rate)
    together = terms.sums_steps or terms.reach == "every"
    best = sum(sum(some) if together else max(some) for some in rates.values())
    return math.ceil(counted.value * best)


def prizes_of(
    who: str, rows: Sequence[tuple[Terms, Counted]], room: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield who gets what for a person's period: name, basis, asset and amount."""
    terms = rows[0][0]
    if terms.reach == "each":
        for own, counted in rows:
            yield from _for_each(own, who, counted, room)
        return
    value = sum(counted.value for _, counted in rows)
    left = sum(room[counted.order.number, "earner"] for _, counted in rows)
    reached = _every(terms, value) if terms.reach == "every" else _steps(terms, value)
    for basis, prize, wanted in reached:
        amount, left = _within(left, prize, wanted)
        yield who, basis, prize.asset, amount


def _for_each(
    terms: Terms, who: str, counted: Counted, room: Mapping[tuple[str, str], int]
) -> Iterator[tuple[str, str, str, int]]:
    """Yield what an order gives."""
    order = counted.order
    left = {side: room[order.number, side] for side in ("earner", "friend")}
    for prize in terms.prizes:
        amount, left[prize.side] = _within(
            left[prize.side], prize, amount_of(prize, _base(terms, counted))
        )
        whose = who if prize.side == "earner" else order.buyer
        yield whose, f"{order.number} {prize.side}", prize.asset, amount


def _base(terms: Terms, counted: Counted) -> int:
    return counted.value if terms.counts_money else counted.paid


def _within(room: int, prize: Prize, wanted: int) -> tuple[int, int]:
    """Return what may be given of an amount, and the room that is left; only money needs any."""
    if not is_money(prize):
        return wanted, room
    amount = max(0, min(wanted, room))
    return amount, room - amount


def _every(terms: Terms, value: int) -> Iterator[tuple[str, Prize, int]]:
    for prize in terms.prizes:
        for number in range(1, value // prize.threshold + 1):
            yield f"number {number}", prize, amount_of(prize, prize.threshold)


def _steps(terms: Terms, value: int) -> Iterator[tuple[str, Prize, int]]:
    """Of steps that are not added up, each gives what it adds to those below; of things the last.

    So a coupon ends when the next step gives a gift.
    """
    below: dict[str, int] = {}
    reached = [prize for prize in terms.prizes if prize.threshold <= value]
    highest_step = max((prize.threshold for prize in reached), default=0)
    for prize in sorted(reached, key=lambda row: row.threshold):
        amount = amount_of(prize, value)
        if prize.asset in THINGS and not terms.sums_steps:
            if prize.threshold < highest_step:
                continue
        elif not terms.sums_steps:
            highest = max(amount, below.get(prize.asset, 0))
            amount = highest - below.get(prize.asset, 0)
            below[prize.asset] = highest
        yield f"from {prize.threshold}", prize, amount


def amount_of(prize: Prize, base: int) -> int:
    if not prize.is_percent:
        return prize.of
    share = base * prize.of // 100
    return share if prize.most is None else min(share, prize.most)
