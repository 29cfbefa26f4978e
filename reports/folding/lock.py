"""One process folds at a time: two would add to the same rows in different orders."""

from __future__ import annotations

from django.db import connection, transaction

KEY = "hashtextextended('fold_reports', 0)"


def try_fold_lock() -> bool:
    """Take the lock until the transaction ends; return whether no other process has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({KEY})")
        (locked,) = cursor.fetchone()
        return bool(locked)


@transaction.atomic
def fold_by(statement: str, *, limit: int) -> int:
    """Fold by a statement that takes the limit and returns how many changes it has folded.

    :returns: that number; 0 also while another process folds
    """
    if not try_fold_lock():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(statement, [limit])
        (folded,) = cursor.fetchone()
        return int(folded)
