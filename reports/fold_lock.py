"""One process folds at a time: two would add to the same rows in different orders."""

from __future__ import annotations

from django.db import connection

KEY = "hashtextextended('fold_reports', 0)"


def try_fold_lock() -> bool:
    """Take the lock until the transaction ends; return whether no other process has it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({KEY})")
        (locked,) = cursor.fetchone()
        return bool(locked)
