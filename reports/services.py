"""Prove or rebuild all figures from the rows."""

from __future__ import annotations

from django.db import connection, transaction

from reports.folding import buyers, movements, periods, sales, shares, shop, teams, visits
from reports.folding.lock import KEY

COMPARISONS = (
    periods.differences, movements.differences, teams.differences, shop.differences,
    shares.differences, sales.differences, buyers.differences, visits.differences,
)  # fmt: skip
# The days of the shop come from periods, movements and teams.
REBUILDS = (
    periods.rebuild, movements.rebuild, teams.rebuild, shares.rebuild, sales.rebuild,
    buyers.rebuild, visits.rebuild,
)  # fmt: skip


def differences() -> list[str]:
    """Return where figures do not add up to the rows: at most 100 lines of each kind."""
    return [line for compare in COMPARISONS for line in compare()]


def rebuild() -> None:
    """Compute all figures again from the rows, while orders come in.

    Everything is read as of one moment: changes that commit later stay in ``reports_delta``.

    :raises RuntimeError: inside a transaction
    """
    if connection.in_atomic_block:
        raise RuntimeError("rebuild() needs a transaction of its own")
    with connection.cursor() as cursor:
        # Before the transaction: its moment must lie after the last fold.
        cursor.execute(f"SELECT pg_advisory_lock({KEY})")
        try:
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                for rebuild_part in REBUILDS:
                    rebuild_part()
        finally:
            cursor.execute(f"SELECT pg_advisory_unlock({KEY})")
