"""Compute the rows of teams again after a change, and prove them.

A change is only a mark: what is computed from the rows themselves cannot drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from reports.folding.lock import try_fold_lock
from reports.folding.shop import ADD_DISTRIBUTORS, add_sql, distributors_sql

BATCH_SIZE = 5_000

_TAKE = """
DELETE FROM reports_teamchange
WHERE id = ANY (ARRAY(SELECT id FROM reports_teamchange ORDER BY id LIMIT %s))
RETURNING member_id, resized
"""

# To whom the distributor ``upline`` is bound. A binding that has expired may have no end yet.
_ABOVE = """(
    SELECT upper.distributor_id FROM distribution_binding AS upper
    WHERE upper.member_id = upline.member_id AND upper.ended_at IS NULL
    ORDER BY upper.started_at DESC LIMIT 1
)"""
_TEAM_ROWS = f"""
    SELECT binding.id AS binding_id, binding.distributor_id, {_ABOVE} AS above_id,
        own.id IS NOT NULL AS is_distributor,
        coalesce(totals.protected_orders, 0) AS orders,
        coalesce(totals.protected_spend, 0) AS sales,
        (
            SELECT count(*)::int FROM distribution_binding
            WHERE distributor_id = own.id AND ended_at IS NULL
        ) AS team
    FROM distribution_binding AS binding
    JOIN distribution_distributor AS upline ON upline.id = binding.distributor_id
    LEFT JOIN distribution_distributor AS own ON own.member_id = binding.member_id
    LEFT JOIN distribution_purchasetotals AS totals ON totals.member_id = binding.member_id
    WHERE binding.ended_at IS NULL
"""
_FIGURES = ("distributor_id", "above_id", "is_distributor", "orders", "sales", "team")
_COLUMNS = ", ".join(("binding_id", *_FIGURES))
_FORGET = """
DELETE FROM reports_teammember AS stored
USING distribution_binding AS binding
WHERE binding.id = binding_id AND binding.ended_at IS NOT NULL
    AND binding.member_id = ANY (%(members)s)
"""
_ADD = f"""
INSERT INTO reports_teammember AS stored ({_COLUMNS})
SELECT {_COLUMNS} FROM ({_TEAM_ROWS} AND binding.member_id = ANY (%(members)s)) AS current
ON CONFLICT (binding_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in _FIGURES)}
"""

# An upline that was bound to another one, or to none, takes its team along.
_MOVE_BELOW = f"""
UPDATE reports_teammember AS stored SET above_id = moved.above_id
FROM (
    SELECT upline.id, {_ABOVE} AS above_id
    FROM distribution_distributor AS upline WHERE upline.member_id = ANY (%(resized)s)
) AS moved
WHERE stored.distributor_id = moved.id AND stored.above_id IS DISTINCT FROM moved.above_id
"""

_SIZES = """
    SELECT distributor.id AS distributor_id, count(stored.binding_id)::int AS tier1,
        count(*) FILTER (WHERE is_distributor)::int AS tier1_distributors,
        coalesce(sum(team), 0)::int AS tier2
    FROM distribution_distributor AS distributor
    LEFT JOIN reports_teammember AS stored ON stored.distributor_id = distributor.id
"""
_RESIZE = f"""
INSERT INTO reports_teamsize (distributor_id, tier1, tier1_distributors, tier2)
{_SIZES}
WHERE distributor.id IN (
    SELECT id FROM distribution_distributor WHERE member_id = ANY (%(resized)s)
    UNION
    SELECT distributor_id FROM distribution_binding
    WHERE member_id = ANY (%(resized)s) AND ended_at IS NULL
)
GROUP BY distributor.id
ON CONFLICT (distributor_id) DO UPDATE SET tier1 = excluded.tier1,
    tier1_distributors = excluded.tier1_distributors, tier2 = excluded.tier2
"""

# Members with a change that is not folded yet are left out, and with them their teams.
_DIFFERENCES = f"""
WITH changed AS (
    SELECT member_id FROM reports_teamchange
), expected AS ({_TEAM_ROWS}), wrong_rows AS (
    SELECT coalesce(expected.distributor_id, stored.distributor_id) AS distributor_id,
        'member ' || binding.member_id AS what, expected::text, stored::text
    FROM expected
    FULL JOIN (SELECT {_COLUMNS} FROM reports_teammember) AS stored USING (binding_id)
    JOIN distribution_binding AS binding ON binding.id = binding_id
    JOIN distribution_distributor AS upline ON upline.id = binding.distributor_id
    WHERE ROW (expected.*) IS DISTINCT FROM ROW (stored.*)
        AND binding.member_id NOT IN (SELECT member_id FROM changed)
        AND upline.member_id NOT IN (SELECT member_id FROM changed)
), wrong_sizes AS (
    SELECT distributor.id, 'team', expected::text, stored::text
    FROM ({_SIZES} GROUP BY distributor.id) AS expected
    JOIN distribution_distributor AS distributor ON distributor.id = distributor_id
    LEFT JOIN reports_teamsize AS stored USING (distributor_id)
    WHERE (expected.tier1, expected.tier1_distributors, expected.tier2)
            IS DISTINCT FROM (stored.tier1, stored.tier1_distributors, stored.tier2)
        AND distributor.member_id NOT IN (SELECT member_id FROM changed)
)
SELECT * FROM wrong_rows UNION ALL SELECT * FROM wrong_sizes ORDER BY 1, 2 LIMIT 100
"""


@transaction.atomic
def fold_teams(*, limit: int = BATCH_SIZE) -> int:
    """Compute the rows of the members with the oldest changes; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    if not try_fold_lock():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        changes: Sequence[tuple[int, bool]] = cursor.fetchall()
        if not changes:
            return 0
        values: dict[str, Any] = {
            "members": [member for member, _ in changes],
            "resized": [member for member, resized in changes if resized],
        }
        cursor.execute(f"{_FORGET}; {_ADD}; {ADD_DISTRIBUTORS}", values)
        # In statements of their own, which read the rows of those before.
        cursor.execute(_MOVE_BELOW, values)
        cursor.execute(_RESIZE, values)
    return len(changes)


def differences() -> list[str]:
    """Return where the rows of teams are not what their members are: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"team of distributor {distributor}, {what}: {stored} instead of {expected}"
            for distributor, what, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all rows again; the caller holds the lock of folds and one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM reports_teamchange;
            DELETE FROM reports_teammember;
            DELETE FROM reports_teamsize;
            INSERT INTO reports_teammember ({_COLUMNS}) SELECT {_COLUMNS} FROM ({_TEAM_ROWS}) AS t;
            INSERT INTO reports_teamsize (distributor_id, tier1, tier1_distributors, tier2)
            {_SIZES} GROUP BY distributor.id;
            {add_sql(["distributors"], distributors_sql("true"))}
            """
        )
