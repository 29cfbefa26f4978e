"""Read what orders pay in commissions for the goods that a version counts."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection


def commissions_of(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Return the commissions, in fen, of each order and version by primary keys.

    Points are no money. Those without commissions are missing.
    """
    if not pairs:
        return {}
    orders, versions = (list(column) for column in zip(*pairs, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_COMMISSIONS, [orders, versions])
        return {(order, version): amount for order, version, amount in cursor.fetchall()}


_COMMISSIONS = """
SELECT line.order_id, version.id, sum(commission.current)::bigint
FROM unnest(%s::bigint[], %s::bigint[]) AS wanted (placed, version)
JOIN incentives_version AS version ON version.id = wanted.version
JOIN orders_orderline AS line ON line.order_id = wanted.placed
JOIN commissions_commission AS commission ON commission.line_id = line.id
WHERE commission.asset <> 'points'
    AND (
        version.products = '{}' AND version.categories = '{}'
        OR line.product_id = ANY (version.products)
        OR line.categories && version.categories
    )
GROUP BY 1, 2
"""
