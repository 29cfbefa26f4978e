"""Run actions at the same moment, or one during the transaction of another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, connections, transaction
from django.db.backends.utils import CursorWrapper


def run_concurrently(*actions: Callable[[], Any]) -> list[Any]:
    """Start every action at the same moment, each in a thread of its own.

    :returns: the result of each action, or the exception that it raised, in the given order
    """
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        try:
            connections["default"].ensure_connection()
            gate.wait(timeout=30)
            return action()
        except Exception as raised:  # noqa: BLE001 - handed to the test
            return raised
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def wait_for_others() -> None:
    """Return once another transaction waits for a lock of this one."""
    with connection.cursor() as cursor:
        latest = time.monotonic() + 30
        while not is_waited_for(cursor):
            assert time.monotonic() < latest, "nobody waits for this transaction"


def is_waited_for(cursor: CursorWrapper) -> bool:
    """Return whether another transaction waits for a lock of this one."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )
    return bool(cursor.fetchone()[0])


def run_during_transaction(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run ``second`` while the transaction of ``first`` is open.

    ``first`` commits once ``second`` waits for one of its locks, or is done.

    :returns: the results of both, or the exceptions that they raised
    """
    opened, done = threading.Event(), threading.Event()

    def hold_open() -> Any:
        with transaction.atomic(), connection.cursor() as cursor:
            end = first()
            opened.set()
            latest = time.monotonic() + 30
            while not (done.is_set() or is_waited_for(cursor) or time.monotonic() > latest):
                pass
        return end

    def follow() -> Any:
        assert opened.wait(30)
        try:
            return second()
        finally:
            done.set()

    return run_concurrently(hold_open, follow)
