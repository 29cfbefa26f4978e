"""Serialise transactions by name where no row can be locked instead."""

from __future__ import annotations

from django.db import connection


def advisory_lock(*names: str) -> None:
    """Take the transaction's advisory locks of these names; wait for other holders.

    The locks end with the transaction. They are taken in a fixed order, so that two transactions
    cannot deadlock on them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
            " FROM (SELECT DISTINCT unnest(%s::text[]) AS name ORDER BY 1) AS in_order",
            [list(names)],
        )
