"""Fold changes of order lines into the sales of the shop, and compare them with the rows."""

from __future__ import annotations

from django.db import connection

from reports.folding.lock import fold_by
from reports.folding.sql import added_up, differing, listed, summed
from reports.models import SalesSums

BATCH_SIZE = 10_000

_FIGURES = listed(SalesSums.FIGURES)
_LINE_FIGURES = listed(SalesSums.OF_LINES)
_SUMS = summed(SalesSums.FIGURES)
_ADDED = added_up(SalesSums.FIGURES)

# Each change is added to the day and the month, for each key that its line has. All keys are fixed
# once the order is paid. An order counts with the first of its lines that has the key.
_BY_KEY = f"""
    SELECT kind, key, period, date_trunc(period, day::timestamp)::date AS start, {_SUMS}
    FROM (
        SELECT kind, key, day, counted.orders,
            CASE WHEN is_promoted THEN counted.orders ELSE 0 END AS promoted,
            quantity, returned_quantity, sales,
            CASE WHEN is_promoted THEN sales ELSE 0 END AS promoted_sales,
            returned, commission1, commission2
        FROM (
            SELECT changes.day, line.id, line.order_id, line.number, line.product_id,
                line.categories, tier1_id IS NOT NULL AS is_promoted,
                coalesce(
                    nullif(reports_province_of(placed.region), ''), kept.province, ''
                ) AS province,
                coalesce(share.channel, '') AS channel,
                changes.orders, changes.quantity, changes.returned_quantity, changes.sales,
                changes.returned, changes.commission1, changes.commission2
            FROM {{changes}} AS changes
            JOIN orders_orderline AS line ON line.id = changes.line_id
            JOIN orders_order AS placed ON placed.id = line.order_id
            JOIN orders_attribution AS attribution ON attribution.order_id = placed.id
            LEFT JOIN reports_orderprovince AS kept ON kept.order_id = placed.id
            LEFT JOIN orders_ordershare AS came_by ON came_by.order_id = placed.id
            LEFT JOIN sharing_share AS share ON share.id = came_by.share_id
        ) AS line
        CROSS JOIN LATERAL (
            VALUES ('shop', ''), ('product', product_id::text), ('province', province),
                ('channel', channel)
            UNION ALL
            SELECT 'category', category::text FROM unnest(categories) AS category
        ) AS keys (kind, key)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN orders <> 0 AND NOT EXISTS (
                SELECT FROM orders_orderline AS earlier
                WHERE earlier.order_id = line.order_id AND earlier.number < line.number
                    AND CASE kind
                        WHEN 'product' THEN earlier.product_id = line.product_id
                        WHEN 'category' THEN key::bigint = ANY (earlier.categories)
                        ELSE true
                    END
            ) THEN orders ELSE 0 END AS orders
        ) AS counted
    ) AS of_keys
    CROSS JOIN unnest(ARRAY['day', 'month']) AS period
    GROUP BY 1, 2, 3, 4
"""

_FOLD = f"""
WITH taken AS (
    DELETE FROM reports_salesdelta
    WHERE id = ANY (ARRAY(SELECT id FROM reports_salesdelta ORDER BY id LIMIT %s))
    RETURNING *
), by_line AS (
    SELECT line_id, day, {summed(SalesSums.OF_LINES)}
    FROM taken GROUP BY 1, 2
), folded AS (
    INSERT INTO reports_salesfigures AS figures (kind, key, period, start, {_FIGURES})
    SELECT kind, key, period, start, {_FIGURES} FROM ({_BY_KEY.format(changes="by_line")}) AS by_key
    ON CONFLICT (kind, key, period, start) DO UPDATE SET {_ADDED}
)
SELECT count(*) FROM taken
"""

# The same changes, computed from paid orders, their lines and commissions.
_FROM_ROWS = """
    SELECT line.id AS line_id, reports_day_of(placed.paid_at) AS day, 1 AS orders, quantity,
        least(quantity, refunded_quantity) AS returned_quantity,
        greatest(0, paid - refunded_amount) AS sales, least(paid, refunded_amount) AS returned,
        coalesce(tier1.current, 0) AS commission1, coalesce(tier2.current, 0) AS commission2
    FROM orders_order AS placed
    JOIN orders_orderline AS line ON line.order_id = placed.id
    LEFT JOIN commissions_commission AS tier1
        ON tier1.line_id = line.id AND tier1.tier = 1 AND tier1.asset = 'cash'
    LEFT JOIN commissions_commission AS tier2
        ON tier2.line_id = line.id AND tier2.tier = 2 AND tier2.asset = 'cash'
    WHERE placed.paid_at IS NOT NULL
"""

# One statement, so that rows, figures and changes are of one moment.
_DIFFERENCES = f"""
WITH from_rows AS ({_FROM_ROWS}), expected AS (
    {_BY_KEY.format(changes="from_rows")}
), unfolded AS (
    SELECT line_id, day, {_LINE_FIGURES} FROM reports_salesdelta
), stored AS (
    SELECT kind, key, period, start, {_SUMS}
    FROM (
        SELECT kind, key, period, start, {_FIGURES} FROM reports_salesfigures
        UNION ALL {_BY_KEY.format(changes="unfolded")}
    ) AS both_parts GROUP BY 1, 2, 3, 4
)
SELECT kind, key, period, start, expected::text, stored::text
FROM expected FULL JOIN stored USING (kind, key, period, start)
WHERE {differing(SalesSums.FIGURES)}
ORDER BY 1, 2, 3, 4
LIMIT 100
"""

_REBUILD = f"""
DELETE FROM reports_salesdelta;
DELETE FROM reports_salesfigures;
WITH from_rows AS ({_FROM_ROWS})
INSERT INTO reports_salesfigures (kind, key, period, start, {_FIGURES})
{_BY_KEY.format(changes="from_rows")}
"""


def fold_sales(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest changes to the figures; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    return fold_by(_FOLD, limit=limit)


def differences() -> list[str]:
    """Return where the figures do not add up to the rows: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"sales of {kind} {key}, {period} {start}: {stored} instead of {expected}"
            for kind, key, period, start, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all figures from the rows; the caller holds the lock of folds in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD)
