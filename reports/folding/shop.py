"""Add up the days of the whole shop; each fold adds what it folds."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from reports.folding.sql import added_up, differing, listed
from reports.models import ShopDay


def add_sql(names: Sequence[str], select: str) -> str:
    """Return a statement that adds the rows of a query to the days.

    :param names: the figures that the query returns after ``day`` and ``asset``
    """
    return f"""
    INSERT INTO reports_shopday AS figures (day, asset, {listed(names)})
    {select}
    ON CONFLICT (day, asset) DO UPDATE SET {added_up(names)}
    """


def commissions_sql(periods: str) -> str:
    """Return a query for ``ShopDay.OF_COMMISSIONS``.

    :param periods: a table with the columns of ``PeriodFigures``
    """
    return f"""
    SELECT start AS day, asset,
        coalesce(sum(orders) FILTER (WHERE period = 'day'), 0),
        coalesce(sum(sales) FILTER (WHERE period = 'day'), 0),
        coalesce(sum(income + team_income) FILTER (WHERE period = 'day'), 0),
        coalesce(sum(pending) FILTER (WHERE period = 'all'), 0),
        coalesce(sum(protected) FILTER (WHERE period = 'all'), 0)
    FROM {periods} AS figures
    WHERE period IN ('day', 'all') GROUP BY 1, 2
    """


def transfers_sql(condition: str) -> str:
    """Return a query for ``ShopDay.OF_TRANSFERS``."""
    return f"""
    SELECT (effective_at AT TIME ZONE 'Asia/Shanghai')::date AS day, asset,
        coalesce(sum(amount) FILTER (WHERE reason = 'commission'), 0),
        coalesce(sum(amount) FILTER (WHERE reason = 'clawback'), 0),
        coalesce(sum(amount) FILTER (WHERE reason = 'payout'), 0),
        count(*) FILTER (WHERE reason = 'payout')
    FROM ledger_transfer AS transfer
    WHERE reason IN ('commission', 'clawback', 'payout') AND {condition}
    GROUP BY 1, 2
    """


def distributors_sql(condition: str) -> str:
    """Return a query for ``ShopDay.distributors``."""
    return f"""
    SELECT (since AT TIME ZONE 'Asia/Shanghai')::date AS day, 'cash' AS asset, count(*)
    FROM distribution_distributor AS distributor WHERE {condition} GROUP BY 1
    """


_RANGE = "transfer.id > %(after)s AND transfer.id <= %(until)s"
ADD_TRANSFERS = f"""
{add_sql(ShopDay.OF_TRANSFERS, transfers_sql(_RANGE))};
UPDATE reports_shopday AS stored SET first_transfer = first
FROM (
    SELECT (effective_at AT TIME ZONE 'Asia/Shanghai')::date AS day, asset, min(id) AS first
    FROM ledger_transfer AS transfer
    WHERE reason IN ('commission', 'award') AND {_RANGE} GROUP BY 1, 2
) AS credits
WHERE stored.day = credits.day AND stored.asset = credits.asset
    AND coalesce(first_transfer, first) >= first
"""
# A distributor gets a size of team once, in the same transaction.
ADD_DISTRIBUTORS = add_sql(
    ["distributors"],
    distributors_sql("""
        member_id = ANY (%(resized)s)
        AND NOT EXISTS (SELECT FROM reports_teamsize WHERE distributor_id = distributor.id)
    """),
)


def _differences_sql(names: Sequence[str], select: str) -> str:
    return f"""
    SELECT day, asset, expected::text, stored::text
    FROM ({select}) AS expected (day, asset, {listed(names)})
    FULL JOIN (SELECT day, asset, {listed(names)} FROM reports_shopday) AS stored
        USING (day, asset)
    WHERE {differing(names)}
    ORDER BY 1, 2 LIMIT 100
    """


_DIFFERENCES = (
    # The periods themselves are compared with the commissions.
    _differences_sql(ShopDay.OF_COMMISSIONS, commissions_sql("reports_periodfigures")),
    _differences_sql(
        ShopDay.OF_TRANSFERS,
        transfers_sql("transfer.id <= (SELECT last_transfer FROM reports_foldedtransfers)"),
    ),
    _differences_sql(
        ["distributors"],
        distributors_sql(
            "EXISTS (SELECT FROM reports_teamsize WHERE distributor_id = distributor.id)"
        ),
    ),
)


def differences() -> list[str]:
    """Return where the days do not add up to the rows: at most 100 lines of each kind."""
    lines = []
    with connection.cursor() as cursor:
        for statement in _DIFFERENCES:
            cursor.execute(statement)
            lines += [
                f"shop {day}, {asset}: {stored} instead of {expected}"
                for day, asset, expected, stored in cursor.fetchall()
            ]
    return lines
