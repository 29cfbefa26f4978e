"""Compute the months of buyers again after a change, and with them the retention.

A change is only a mark, as of teams: a late order may move the month in which a buyer was brought.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from reports.folding.lock import try_fold_lock

BATCH_SIZE = 2_000

_TAKE = """
WITH taken AS (
    DELETE FROM reports_buyerchange
    WHERE id = ANY (ARRAY(SELECT id FROM reports_buyerchange ORDER BY id LIMIT %s))
    RETURNING member_id
)
SELECT member_id, coalesce(merged_into_id, member_id)
FROM taken JOIN members_member AS member ON member.id = member_id
"""

# The months since the first paid order for which the buyer's upline earns.
_MONTHS = """
    SELECT buyer_id, cohort, month, count(*)::int AS orders
    FROM (
        SELECT buyer_id, date_trunc('month', reports_day_of(paid_at)::timestamp)::date AS month,
            date_trunc('month', min(reports_day_of(paid_at)) FILTER (
                WHERE tier1_reason = 'upline'
            ) OVER (PARTITION BY buyer_id)::timestamp)::date AS cohort
        FROM (
            SELECT coalesce(buyer.merged_into_id, buyer.id) AS buyer_id, paid_at, tier1_reason
            FROM members_member AS buyer
            JOIN orders_order AS placed ON placed.buyer_id = buyer.id
            JOIN orders_attribution AS attribution ON attribution.order_id = placed.id
            WHERE paid_at IS NOT NULL {condition}
        ) AS paid
    ) AS paid
    WHERE month >= cohort
    GROUP BY 1, 2, 3
"""
_ALL = _MONTHS.format(condition="")
_OF_PERSONS = _MONTHS.format(
    condition="""AND buyer.id IN (
        SELECT id FROM members_member
        WHERE id = ANY (%(persons)s) OR merged_into_id = ANY (%(persons)s)
    )"""
)
_ADD = """
INSERT INTO reports_retention AS stored (cohort, month, buyers, orders)
SELECT cohort, month, {sign} * count(*), {sign} * sum(orders) FROM reports_buyermonth
WHERE {condition} GROUP BY 1, 2
ON CONFLICT (cohort, month) DO UPDATE SET
    buyers = stored.buyers + excluded.buyers, orders = stored.orders + excluded.orders
"""
_OF_ROWS = "buyer_id = ANY (%(buyers)s)"
_REPLACE = f"""
{_ADD.format(sign="-1", condition=_OF_ROWS)};
DELETE FROM reports_buyermonth WHERE {_OF_ROWS};
INSERT INTO reports_buyermonth (buyer_id, cohort, month, orders) {_OF_PERSONS};
{_ADD.format(sign="1", condition=_OF_ROWS)}
"""

# Buyers with a change that is not folded yet are left out.
_DIFFERENCES = f"""
WITH changed AS (
    SELECT coalesce(merged_into_id, id) AS buyer_id
    FROM members_member WHERE id IN (SELECT member_id FROM reports_buyerchange)
    UNION SELECT member_id FROM reports_buyerchange
), wrong_months AS (
    SELECT 'buyer ' || buyer_id AS what, month, expected::text, stored::text
    FROM ({_ALL}) AS expected
    FULL JOIN (SELECT buyer_id, cohort, month, orders FROM reports_buyermonth) AS stored
        USING (buyer_id, month)
    WHERE (expected.cohort, expected.orders) IS DISTINCT FROM (stored.cohort, stored.orders)
        AND buyer_id NOT IN (SELECT buyer_id FROM changed)
), wrong_sums AS (
    SELECT 'cohort ' || cohort, month, expected::text, stored::text
    FROM (
        SELECT cohort, month, count(*) AS buyers, sum(orders) AS orders
        FROM reports_buyermonth GROUP BY 1, 2
    ) AS expected
    FULL JOIN (
        SELECT cohort, month, buyers, orders FROM reports_retention WHERE (buyers, orders) <> (0, 0)
    ) AS stored USING (cohort, month)
    WHERE (expected.buyers, expected.orders) IS DISTINCT FROM (stored.buyers, stored.orders)
)
SELECT * FROM wrong_months UNION ALL SELECT * FROM wrong_sums ORDER BY 1, 2 LIMIT 100
"""


@transaction.atomic
def fold_buyers(*, limit: int = BATCH_SIZE) -> int:
    """Compute the months of the buyers with the oldest changes; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    if not try_fold_lock():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        taken: Sequence[tuple[int, int]] = cursor.fetchall()
        if taken:
            persons = {survivor for _member, survivor in taken}
            # Also the rows that a merged member had.
            buyers = persons | {member for member, _survivor in taken}
            cursor.execute(_REPLACE, {"persons": sorted(persons), "buyers": sorted(buyers)})
        return len(taken)


def differences() -> list[str]:
    """Return where months are not what the orders are: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"retention of {what}, {month:%Y-%m}: {stored} instead of {expected}"
            for what, month, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all months again; the caller holds the lock of folds and one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM reports_buyerchange;
            DELETE FROM reports_buyermonth;
            DELETE FROM reports_retention;
            INSERT INTO reports_buyermonth (buyer_id, cohort, month, orders) {_ALL};
            {_ADD.format(sign="1", condition="true")}
            """
        )
