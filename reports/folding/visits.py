"""Fold how far visits get into days, and compare the days with the visits themselves."""

from __future__ import annotations

from django.db import connection

from reports.folding.lock import fold_by
from reports.folding.sql import added_up, differing, listed, summed
from reports.models import VisitSums

BATCH_SIZE = 20_000

_FIGURES = listed(VisitSums.FIGURES)
_SUMS = summed(VisitSums.FIGURES)
_ADDED = added_up(VisitSums.FIGURES)

_FOLD = f"""
WITH taken AS (
    DELETE FROM reports_visitdelta
    WHERE id = ANY (ARRAY(SELECT id FROM reports_visitdelta ORDER BY id LIMIT %s))
    RETURNING *
), folded AS (
    INSERT INTO reports_visitfigures AS figures (kind, key, day, {_FIGURES})
    SELECT kind, key, day, {_SUMS} FROM taken GROUP BY 1, 2, 3
    ON CONFLICT (kind, day, key) DO UPDATE SET {_ADDED}
)
SELECT count(*) FROM taken
"""

_FROM_ROWS = """
    SELECT step.kind, step.key, visit.day, sum(step.visits) AS visits,
        sum(step.further) AS further, sum(step.joined) AS joined
    FROM sharing_visit AS visit
    JOIN sharing_share AS share ON share.id = visit.share_id
    CROSS JOIN LATERAL reports_steps_of(
        share.channel, visit.pages::text[], visit.member_id IS NOT NULL
    ) AS step
    GROUP BY 1, 2, 3
"""

# One statement, so that visits, figures and changes are of one moment.
_DIFFERENCES = f"""
WITH expected AS ({_FROM_ROWS}), stored AS (
    SELECT kind, key, day, {_SUMS}
    FROM (
        SELECT kind, key, day, {_FIGURES} FROM reports_visitfigures
        UNION ALL SELECT kind, key, day, {_FIGURES} FROM reports_visitdelta
    ) AS both_parts GROUP BY 1, 2, 3
)
SELECT kind, key, day, expected::text, stored::text
FROM expected FULL JOIN stored USING (kind, key, day)
WHERE {differing(VisitSums.FIGURES)}
ORDER BY 1, 2, 3
LIMIT 100
"""


def fold_visits(*, limit: int = BATCH_SIZE) -> int:
    """Add the oldest changes to the days; call it until it returns 0.

    :returns: how many changes were folded; 0 also while another process folds
    """
    return fold_by(_FOLD, limit=limit)


def differences() -> list[str]:
    """Return where the days are not what the visits are: at most 100 lines."""
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES)
        return [
            f"visits of {kind} {key}, {day}: {stored} instead of {expected}"
            for kind, key, day, expected, stored in cursor.fetchall()
        ]


def rebuild() -> None:
    """Compute all days from the visits; the caller holds the lock of folds in one snapshot."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM reports_visitdelta;
            DELETE FROM reports_visitfigures;
            INSERT INTO reports_visitfigures (kind, key, day, {_FIGURES}) {_FROM_ROWS}
            """
        )
