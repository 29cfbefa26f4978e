"""Find the price before a reduction that the law allows to show beside the present one.

The basis of a reduction is the lowest price of the seven days before it: article 21 of the
Interim Provisions on Regulating Promotions (规范促销行为暂行规定, SAMR order 32 of 2020). Raising a
price shortly before gains nothing, and a price that nobody could pay does not count: article 17 of
the Provisions on Clearly Marked Prices (明码标价和禁止价格欺诈规定, SAMR order 56 of 2022).
So the basis is a price that triggers have recorded while the SKU was on sale, never a claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

WINDOW = timedelta(days=7)
SHOWN_FOR = timedelta(days=30)
"""A price that has been asked for longer is no reduction any more."""

# ``began``: when the last other price ended, which is when the present one began.
# ``basis``: the lowest price in the window before. Prices must be recorded for the whole window.
QUERY = """
    SELECT sku.id, basis.price
    FROM catalog_sku AS sku
    CROSS JOIN LATERAL (
        SELECT max(until) AS at FROM catalog_askedprice
        WHERE sku_id = sku.id AND price <> sku.price
    ) AS began
    CROSS JOIN LATERAL (
        SELECT min(price) AS price, min(since) AS since FROM catalog_askedprice
        WHERE sku_id = sku.id AND since < began.at AND until > began.at - %(window)s
    ) AS basis
    WHERE sku.id = ANY (%(skus)s) AND basis.price > sku.price
        AND basis.since <= began.at - %(window)s
        AND began.at > %(at)s - %(shown_for)s
"""


def strike_prices(skus: Sequence[int], *, at: datetime) -> dict[int, int]:
    """Return the price in fen before a reduction, by the keys of the SKUs that have one."""
    if not skus:
        return {}
    values: dict[str, Any] = {
        "skus": list(skus), "at": at, "window": WINDOW, "shown_for": SHOWN_FOR,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(QUERY, values)
        return dict(cursor.fetchall())
