"""Taking turns where no row stands for what must not happen twice at once."""

from __future__ import annotations

from django.db import connection


def advisory_lock(*names: str) -> None:
    """Wait for every other transaction that holds one of ``names``; hold them until this one ends.

    They are taken in one order, so that two transactions do not wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM (SELECT DISTINCT unnest(%s::text[]) AS name ORDER BY 1) AS in_order",
            [list(names)],
        )
