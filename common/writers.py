"""Ask which transactions are still writing a table.

Keys and times are drawn before the commit, so a row may appear behind a reader that has passed its
place. A writer locks the table before it draws them, and until its transaction ends.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# The transaction of the reader itself does not count: it sees its own rows.
_IS_WRITER = """
    writer.locktype = 'relation' AND writer.mode = 'RowExclusiveLock' AND writer.granted
    AND writer.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND writer.relation = %s::regclass AND writer.pid IS DISTINCT FROM pg_backend_pid()
"""
_NAMES = f"SELECT DISTINCT virtualtransaction FROM pg_locks AS writer WHERE {_IS_WRITER}"
# An idle session has ended its transaction since; the start of one that may not be seen is not
# known.
_SETTLED_UNTIL = f"""
SELECT coalesce(min(CASE
    WHEN session.xact_start IS NOT NULL THEN session.xact_start
    WHEN session.state = 'idle' OR (session.pid IS NULL AND writer.pid IS NOT NULL) THEN NULL
    ELSE 'epoch'::timestamptz
END), statement_timestamp())
FROM pg_locks AS writer LEFT JOIN pg_stat_activity AS session USING (pid)
WHERE {_IS_WRITER}
"""


def writing_transactions(table: str) -> list[str]:
    """Return the other transactions that are writing a table; no name is used twice."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, [table])
        return [name for (name,) in cursor.fetchall()]


def settled_until(table: str) -> datetime:
    """Return the time before which no row can appear any more; look it up before reading.

    For a table whose rows have the time of their INSERT (``clock_timestamp()``).
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED_UNTIL, [table])
        until: datetime = cursor.fetchone()[0]
    return until
