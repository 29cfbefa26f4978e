"""Lock rows, or names where no row can be locked instead."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import QuerySet


def lock_rows(rows: QuerySet[Any]) -> list[Any]:
    """Lock rows until the transaction ends, by ascending key, so that two never deadlock on them.

    A statement that waits for a lock returns the row as it was before: read in another one.

    :returns: their keys
    """
    locked = rows.order_by("pk").select_for_update(no_key=True, of=("self",))
    return list(locked.values_list("pk", flat=True))


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
