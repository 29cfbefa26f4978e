"""What goods are, and what they were."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import connection


class Goods(NamedTuple):
    """An SKU at a moment. ``price`` is today's; ``cost`` and ``categories`` are of the moment."""

    sku_id: int
    product_id: int
    product: str
    price: int
    """In fen, as ``cost``."""
    cost: int | None
    categories: list[int]
    """The nearest first."""


def goods_at(moment: datetime, codes: Iterable[str]) -> dict[str, Goods]:
    """The goods of the SKUs with these codes; what is unknown is missing."""
    asked = sorted(set(codes))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM catalog_goods_at(%s::varchar[], %s::timestamptz[])",
            [asked, [moment] * len(asked)],
        )
        found = cursor.fetchall()
    return {code: Goods(*row) for code, row in zip(asked, found, strict=True) if row[0] is not None}
