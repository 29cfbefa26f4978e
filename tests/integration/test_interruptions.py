"""An import repeats what a lost connection or a deadlock has interrupted."""

from __future__ import annotations

import time

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from members.models import Member
from orders.models import Order, Refund
from tests.concurrency import run_concurrently
from tests.integration.files import Write, import_mall

pytestmark = pytest.mark.usefixtures("committed")


def wait_for_import(cursor: CursorWrapper) -> int:
    """Return the backend that waits for a lock of this session."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        cursor.execute(
            "SELECT pid FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        if row := cursor.fetchone():
            return int(row[0])
    raise AssertionError("the import does not wait")


def kill_its_backend() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE orders_order IN EXCLUSIVE MODE")
        cursor.execute("SELECT pg_terminate_backend(%s)", [wait_for_import(cursor)])
        assert cursor.fetchone() == (True,)


def close_a_circle_of_locks() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL deadlock_timeout = '1min'")  # so that the import is ended
        cursor.execute("LOCK TABLE orders_order IN EXCLUSIVE MODE")
        wait_for_import(cursor)
        cursor.execute("LOCK TABLE members_member IN EXCLUSIVE MODE")


@pytest.mark.parametrize("interrupt", [kill_its_backend, close_a_circle_of_locks])
def test_an_interrupted_batch_is_repeated(mall: Write, interrupt: object) -> None:
    folder = mall()

    errors, interrupted = run_concurrently(lambda: import_mall(folder), interrupt)  # type: ignore[arg-type]

    assert (errors, interrupted) == ("", None)
    assert (Member.objects.count(), Order.objects.count(), Refund.objects.count()) == (3, 1, 1)
