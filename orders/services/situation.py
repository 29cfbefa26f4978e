"""What must be known before orders are written: one question for any number of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalog.queries import Goods
from distribution.queries import Uplines
from orders.snapshots import OrderSnapshot

_ASK = """
SELECT orders_situation(%s::varchar[], %s::varchar[], %s::timestamptz[], %s::int[], %s::varchar[])
"""


@dataclass(slots=True)
class Fresh:
    """An order that is not known yet, and how things stand at its moment."""

    key: int
    line_keys: list[int]
    buyer: int | None
    """``None``: a newcomer."""
    lineage: Uplines
    goods: list[Goods | None]
    """Of its lines; ``None``: there is no such SKU."""


@dataclass(frozen=True, slots=True)
class Situation:
    fresh: dict[str, Fresh]
    """By number; the other orders are known, and locked from now on."""
    binds_at_first_order: bool


def situation(facts: Sequence[OrderSnapshot]) -> Situation:
    """How things stand with some orders; those that are known are locked by their ids."""
    lines = [(place, line.sku) for place, one in enumerate(facts, 1) for line in one.lines]
    with connection.cursor() as cursor:
        cursor.execute(
            _ASK,
            [
                [one.number for one in facts],
                [one.buyer for one in facts],
                [one.placed_at for one in facts],
                [place for place, _ in lines],
                [sku for _, sku in lines],
            ],
        )
        (told,) = cursor.fetchone()
    return Situation(_fresh(facts, told), told["binds_at_first_order"])


def _fresh(facts: Sequence[OrderSnapshot], told: dict[str, Any]) -> dict[str, Fresh]:
    line_keys = iter(told["line_keys"])
    goods = iter(told["goods"] or ())
    fresh = {}
    for place, key, buyer, lineage in zip(
        told["fresh"], told["keys"], told["members"], told["upline_chains"] or (), strict=True
    ):
        one = facts[place - 1]
        fresh[one.number] = Fresh(
            key,
            [next(line_keys) for _ in one.lines],
            buyer,
            Uplines.read(lineage),
            [
                Goods(*row) if row[0] is not None else None
                for row in (next(goods) for _ in one.lines)
            ],
        )
    return fresh


def _goods(row: list[Any]) -> Goods | None:
    return None if row[0] is None else Goods(*row)
