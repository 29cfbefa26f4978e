"""Who is whose upline, as of any moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection


@dataclass(frozen=True, slots=True)
class Standpoint:
    """A distributor as they were at a moment."""

    distributor_id: int
    status: str
    level_id: int | None
    segment_id: int | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """A member's own distribution, their upline, and that one's upline: two steps, never more."""

    own: Standpoint | None
    upline: Standpoint | None
    upline_of_upline: Standpoint | None


_SPELL = """
    JOIN distribution_spell AS spell ON spell.distributor_id = distributor.id
        AND spell.started_at <= asked.at
        AND (spell.ended_at IS NULL OR spell.ended_at > asked.at)
"""
_STANDPOINT = "distributor.id, spell.status, spell.level_id, spell.segment_id"
_UPLINE = f"""
    SELECT distributor.member_id, {_STANDPOINT}
    FROM distribution_binding AS binding
    JOIN distribution_distributor AS distributor ON distributor.id = binding.distributor_id
    {_SPELL}
    WHERE binding.member_id = %s.member_id AND binding.started_at <= asked.at
        AND (binding.ended_at IS NULL OR binding.ended_at > asked.at)
        AND (binding.expires_at IS NULL OR binding.expires_at > asked.at)
"""
_LINEAGES = f"""
SELECT
    own.id, own.status, own.level_id, own.segment_id,
    one.id, one.status, one.level_id, one.segment_id,
    two.id, two.status, two.level_id, two.segment_id
FROM unnest(%s::bigint[], %s::timestamptz[]) WITH ORDINALITY AS asked (member_id, at, place)
LEFT JOIN LATERAL (
    SELECT {_STANDPOINT} FROM distribution_distributor AS distributor {_SPELL}
    WHERE distributor.member_id = asked.member_id
) AS own ON true
LEFT JOIN LATERAL ({_UPLINE.replace("%s", "asked")}) AS one ON true
LEFT JOIN LATERAL ({_UPLINE.replace("%s", "one")}) AS two ON true
ORDER BY place
"""


def lineages(asked: Sequence[tuple[int, datetime]]) -> list[Lineage]:
    """The lineage of each member as of each moment, in the order asked; one query for all."""
    with connection.cursor() as cursor:
        cursor.execute(_LINEAGES, [[member for member, _ in asked], [at for _, at in asked]])
        return [
            Lineage(
                *(
                    Standpoint(*row[start : start + 4]) if row[start] is not None else None
                    for start in (0, 4, 8)
                )
            )
            for row in cursor.fetchall()
        ]
