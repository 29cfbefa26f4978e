"""Fold changes into the figures of shares, and compare the figures with the rows themselves."""

from __future__ import annotations

from django.db import connection

from reports.folding.lock import fold_by
from reports.folding.sql import added_up, differing, listed, summed
from reports.models import ShareSums
from reports.periods import LIFE

BATCH_SIZE = 20_000

_FIGURES = listed(ShareSums.FIGURES)
_SUMS = summed(ShareSums.FIGURES)
_ADDED = added_up(ShareSums.FIGURES)

# Each change is added on its day and to the whole life, for each kind of key that its share has.
_BY_KEY = f"""
    SELECT kind, key, of_day AS day, {_SUMS}
    FROM {{changes}} AS changes
    JOIN sharing_share AS share ON share.id = changes.share_id
    CROSS JOIN LATERAL (VALUES
        ('share', share.code),
        ('member', share.member_id::text),
        ('channel', share.channel),
        ('product', CASE WHEN share.target_kind = 'product' THEN nullif(share.target_id, '') END),
        ('template', nullif(share.template, ''))
    ) AS keys (kind, key)
    CROSS JOIN LATERAL (VALUES (changes.day), (date '{LIFE}')) AS days (of_day)
    WHERE key IS NOT NULL
    GROUP BY 1, 2, 3
"""

_FOLD = f"""
WITH taken AS (
    DELETE FROM reports_sharedelta
    WHERE id = ANY (ARRAY(SELECT id FROM reports_sharedelta ORDER BY id LIMIT %s))
    RETURNING *
), folded AS (
    INSERT INTO reports_sharefigures AS figures (kind, key, day, {_FIGURES})
    SELECT kind, key, day, {_FIGURES} FROM ({_BY_KEY.format(changes="taken")}) AS by_key
    ON CONFLICT (kind, key, day) DO UPDATE SET {_ADDED}
)
SELECT count(*) FROM taken
"""

# The same changes, computed from shares, visits, orders, lines and commissions.
_FROM_ROWS = """
    SELECT id AS share_id, reports_day_of(created_at) AS day, 1 AS shares, 0 AS visits,
        0 AS new_members, 0 AS orders, 0 AS sales, 0 AS commission, 0 AS earned
    FROM sharing_share
    UNION ALL
    SELECT share_id, day, 0, 1, 0, 0, 0, 0, 0 FROM sharing_visit
    UNION ALL
    SELECT share_id, reports_day_of(joined_at), 0, 0, 1, 0, 0, 0, 0
    FROM sharing_visit WHERE is_new_member
    UNION ALL
    SELECT share_id, day, 0, 0, 0, 1, 0, 0, 0 FROM paid
    UNION ALL
    SELECT share_id, day, 0, 0, 0, 0, greatest(0, line.paid - refunded_amount), 0, 0
    FROM paid JOIN orders_orderline AS line USING (order_id)
    UNION ALL
    SELECT share_id, day, 0, 0, 0, 0, 0, current,
        CASE WHEN earned.tier = paid.tier THEN current ELSE 0 END
    FROM paid JOIN orders_orderline AS line USING (order_id)
    JOIN commissions_commission AS earned ON earned.line_id = line.id
    WHERE earned.asset = 'cash'
"""
_PAID = """
paid AS (
    SELECT order_id, share_id, tier, reports_day_of(paid_at) AS day
    FROM orders_ordershare JOIN orders_order AS placed ON placed.id = order_id
    WHERE paid_at IS NOT NULL
)
"""

# One statement, so that rows, figures and changes are of one moment.
_DIFFERENCES = f"""
WITH {_PAID}, from_rows AS ({_FROM_ROWS}), expected AS (
    {_BY_KEY.format(changes="from_rows")}
), stored AS (
    SELECT kind, key, day, {_SUMS}
    FROM (
        SELECT kind, key, day, {_FIGURES} FROM reports_sharefigures
        UNION ALL {_BY_KEY.format(changes="reports_sharedelta")}
    ) AS both_parts GROUP BY 1, 2, 3
)
SELECT kind, key, day, expected::text, stored::text
FROM expected FULL JOIN stored USING (kind, key, day)
WHERE {differing(ShareSums.FIGURES)}
ORDER BY 1, 2, 3
LIMIT 100
"""

_REBUILD = f"""
DELETE FROM reports_sharedelta;
DELETE FROM reports_sharefigures;
WITH {_PAID}, from_rows AS ({_FROM_ROWS})
INSERT INTO reports_sharefigures (kind, key, day, {_FIGURES})
{_BY_KEY.format(changes="from_rows")}
"""


def fold_shares(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest changes to the figures; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    return fold_by(_FOLD, limit=limit)


def differences() -> list[str]:
    """Return where the figures do not add up to the rows: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"shares of {kind} {key}, {day}: {stored} instead of {expected}"
            for kind, key, day, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all figures from the rows; the caller holds the lock of folds in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(_REBUILD)
