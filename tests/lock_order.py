"""Check that each verb locks the rows of tables in the order that ``common.locks`` states."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from common.locks import LOCK_ORDER

RANK = {table: rank for rank, tables in enumerate(LOCK_ORDER) for table in tables}
LOCKING = re.compile(
    r"""\bUPDATE\s+"?(?P<updated>\w+)"?\s+(?:AS\s+\w+\s+)?SET\b
    |\bDELETE\s+FROM\s+"?(?P<deleted>\w+)"?
    |\bINSERT\s+INTO\s+"?(?P<inserted>\w+)"?(?=.*\bDO\s+UPDATE\b)
    |\bFROM\s+"?(?P<selected>\w+)"?(?=(?:(?!\bFROM\b).)*\bFOR\s+(?:NO\s+KEY\s+)?(?:UPDATE|SHARE)\b)
    |(?P<period>pg_advisory_xact_lock_shared\('ledger_period')""",
    re.VERBOSE | re.DOTALL,
)


class LockRecorder:
    """Wraps the connection of a test; ``violations`` lists the locks taken out of order.

    A verb is what runs in an ``atomic`` block of its own inside the transaction of the test. It
    sees the statements that verbs send, not the locks that triggers take.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.violations: list[str] = []
        self._connection = connection
        self._depth = len(connection.savepoint_ids)
        self._held: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if len(self._connection.savepoint_ids) <= self._depth:
            self._held = []
        if isinstance(sql, str):
            for table in locked_tables(sql):
                self._lock(table, waits="SKIP LOCKED" not in sql)
        return execute(sql, *rest)

    def _lock(self, table: str, *, waits: bool) -> None:
        if table in self._held:
            return
        later = [held for held in self._held if RANK[held] > RANK[table]]
        if waits and later:
            self.violations.append(f"{table} after {', '.join(later)}")
        self._held.append(table)


@lru_cache(maxsize=8_192)  # tests send the same statements over and over
def locked_tables(sql: str) -> list[str]:
    """Return the ranked tables whose rows a statement locks, in their order in the text."""
    names = (match[match.lastgroup or 0] for match in LOCKING.finditer(sql))
    tables = ("ledger_period" if name.startswith("pg_") else name for name in names)
    return [table for table in tables if table in RANK]
