"""Read goods as of a moment, and what is shown of products."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from catalog.facts import ProductFacts, product_facts
from common.media import public_url

__all__ = [
    "Goods", "GoodsQuery", "ProductFacts", "goods_at", "goods_at_each", "picture_url",
    "product_facts",
]  # fmt: skip


class Goods(NamedTuple):
    """An SKU at a moment: the current price, with the cost and categories of that moment."""

    sku_id: int
    product_id: int
    product: str
    price: int
    """In fen, like ``cost``."""
    cost: int | None
    categories: list[int]
    """Nearest category first."""


class GoodsQuery(NamedTuple):
    """The SKU code and the moment to read."""

    code: str
    at: datetime


def goods_at(moment: datetime, codes: Iterable[str]) -> dict[str, Goods]:
    """Return goods by SKU code, without unknown codes."""
    distinct = sorted(set(codes))
    rows = goods_at_each([GoodsQuery(code, moment) for code in distinct])
    return {code: goods for code, goods in zip(distinct, rows, strict=True) if goods}


def goods_at_each(queries: Sequence[GoodsQuery]) -> list[Goods | None]:
    """Return the goods of each query in order, ``None`` for an unknown code.

    One query, of the function in catalog/guards/goods.sql.
    """
    if not queries:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM catalog_goods_at(%s::varchar[], %s::timestamptz[])",
            [[query.code for query in queries], [query.at for query in queries]],
        )
        rows = cursor.fetchall()
    return [Goods(*row) if row[0] is not None else None for row in rows]


def picture_url(path: str) -> str:
    """Return the public address of a stored picture; empty for an empty path."""
    return public_url(path)
