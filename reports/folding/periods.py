"""Fold changes of commissions into the periods of distributors, and compare them with the rows."""

from __future__ import annotations

from django.db import connection

from reports.folding import shop
from reports.folding.lock import fold_by
from reports.folding.sql import added_up, differing, listed, summed
from reports.models import ShopDay, Sums
from reports.periods import LIFE

BATCH_SIZE = 20_000

_FIGURES = listed(Sums.FIGURES)
_SUMS = summed(Sums.FIGURES)
_ADDED = added_up(Sums.FIGURES)
_DAY_FIGURES = ", ".join(
    f"0 AS {name}" if name in ("pending", "protected", "credited") else name
    for name in Sums.FIGURES
)

# A change without a day belongs to the whole life alone.
_BY_PERIOD = f"""
    SELECT distributor_id, 'all' AS period, date '{LIFE}' AS start, asset, {_FIGURES}
    FROM {{changes}}
    UNION ALL
    SELECT distributor_id, period, date_trunc(period, day::timestamp)::date, asset, {_DAY_FIGURES}
    FROM {{changes}}, unnest(ARRAY['day', 'week', 'month']) AS period
    WHERE day IS NOT NULL
"""

_ADD_SHOP = shop.add_sql(ShopDay.OF_COMMISSIONS, shop.commissions_sql("{periods}"))

_FOLD = f"""
WITH changes AS (
    DELETE FROM reports_delta
    WHERE id = ANY (ARRAY(SELECT id FROM reports_delta ORDER BY id LIMIT %s))
    RETURNING *
), by_period AS ({_BY_PERIOD.format(changes="changes")}), folded AS (
    INSERT INTO reports_periodfigures AS figures
        (distributor_id, period, start, asset, {_FIGURES})
    SELECT distributor_id, period, start, asset, {_SUMS}
    FROM by_period GROUP BY 1, 2, 3, 4
    ON CONFLICT (distributor_id, period, start, asset) DO UPDATE SET {_ADDED}
), shop AS ({_ADD_SHOP.format(periods="by_period")})
SELECT count(*) FROM changes
"""

# The same sums from the commissions themselves.
_FROM_ROWS = """
    SELECT commission.distributor_id,
        reports_day_of(placed.paid_at) AS day, commission.asset,
        count(DISTINCT placed.id) FILTER (WHERE tier = 1) AS orders,
        coalesce(sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 1), 0)
            AS sales,
        count(DISTINCT placed.id) FILTER (WHERE tier = 2) AS team_orders,
        coalesce(sum(greatest(0, line.paid - line.refunded_amount)) FILTER (WHERE tier = 2), 0)
            AS team_sales,
        coalesce(sum(current) FILTER (WHERE tier = 1), 0) AS income,
        coalesce(sum(current) FILTER (WHERE tier = 2), 0) AS team_income,
        coalesce(sum(least(line.paid, line.refunded_amount)) FILTER (WHERE tier = 1), 0)
            AS returned,
        coalesce(sum(current) FILTER (WHERE commission.status = 'pending'), 0) AS pending,
        coalesce(sum(current) FILTER (WHERE commission.status = 'protected'), 0) AS protected,
        coalesce(sum(current) FILTER (WHERE commission.status = 'credited'), 0) AS credited
    FROM commissions_commission AS commission
    JOIN orders_orderline AS line ON line.id = line_id
    JOIN orders_order AS placed ON placed.id = line.order_id
    GROUP BY 1, 2, 3
"""

# One statement, so that rows, figures and changes are of one moment.
_DIFFERENCES = f"""
WITH from_rows AS ({_FROM_ROWS}), expected AS (
    SELECT distributor_id, period, start, asset, {_SUMS}
    FROM ({_BY_PERIOD.format(changes="from_rows")}) AS by_period GROUP BY 1, 2, 3, 4
), stored AS (
    SELECT distributor_id, period, start, asset, {_SUMS}
    FROM (
        SELECT distributor_id, period, start, asset, {_FIGURES} FROM reports_periodfigures
        UNION ALL {_BY_PERIOD.format(changes="reports_delta")}
    ) AS by_period GROUP BY 1, 2, 3, 4
)
SELECT distributor_id, period, start, asset, expected, stored
FROM expected FULL JOIN stored USING (distributor_id, period, start, asset)
WHERE {differing(Sums.FIGURES)}
ORDER BY 1, 2, 3, 4
LIMIT 100
"""

_REBUILD = f"""
WITH from_rows AS ({_FROM_ROWS})
INSERT INTO reports_periodfigures (distributor_id, period, start, asset, {_FIGURES})
SELECT distributor_id, period, start, asset, {_SUMS}
FROM ({_BY_PERIOD.format(changes="from_rows")}) AS by_period GROUP BY 1, 2, 3, 4
"""


def fold_periods(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest changes to the periods; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    return fold_by(_FOLD, limit=limit)


def differences() -> list[str]:
    """Return where the periods do not add up to the rows: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"distributor {distributor}, {period} {start}, {asset}: {stored} instead of {expected}"
            for distributor, period, start, asset, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all periods from the rows, and begin the days of the shop, to which others add.

    The caller holds the lock of folds and one snapshot.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_delta")
        cursor.execute("DELETE FROM reports_periodfigures")
        cursor.execute("DELETE FROM reports_shopday")
        cursor.execute(_REBUILD)
        cursor.execute(_ADD_SHOP.format(periods="reports_periodfigures"))
