"""A batch of orders that a deadlock has interrupted is repeated, a few times."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction

from commissions.models import Commission
from integration.clients import create_client
from orders.intake import repeats
from orders.models import Order
from tests.api.mall import Mall
from tests.api.test_order_batches import body
from tests.cast import NOON
from tests.concurrency import run_concurrently
from tests.shop import open_shop

pytestmark = pytest.mark.usefixtures("committed")
RECEIVED = {"received_at": "2026-11-04T12:00:00+08:00"}
BATCH = {"orders": [body("O-1", **RECEIVED), body("O-2", **RECEIVED)]}


@pytest.fixture
def mall(committed: str) -> Mall:
    """Open a shop with two orders; a batch that reports their receipt locks O-1, then O-2."""
    open_shop()
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    mall = Mall(client.key, secret)
    mall.post("/orders:batch", {"orders": [body("O-1"), body("O-2")]})
    return mall


def collide(mall: Mall) -> Any:
    """Push a batch that gets into a deadlock, in which the database ends it; return the answer."""
    locked = threading.Event()

    def lock_in_opposite_order() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '1min'")  # so that the batch is ended
            cursor.execute("SELECT FROM orders_order WHERE number = 'O-2' FOR UPDATE")
            locked.set()
            wait_until_it_blocks(cursor)
            cursor.execute("SELECT FROM orders_order WHERE number = 'O-1' FOR UPDATE")

    def push_afterwards() -> Any:
        assert locked.wait(30)
        return push(mall)

    answer, rival = run_concurrently(push_afterwards, lock_in_opposite_order)
    assert rival is None
    return answer


def wait_until_it_blocks(cursor: Any) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        cursor.execute(
            "SELECT FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        if cursor.fetchone() is not None:
            return
    raise AssertionError("the batch does not wait")


def push(mall: Mall) -> Any:
    return mall.post("/orders:batch", BATCH)


def raise_in_the_database(*, times: int) -> Any:
    """Let the next updates of orders fail as a serialization failure; return their count."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE SEQUENCE attempts;
            CREATE FUNCTION fail_to_serialize() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF (SELECT last_value < %s OR NOT is_called FROM attempts) THEN
                    PERFORM nextval('attempts');
                    RAISE EXCEPTION 'could not serialize' USING ERRCODE = 'serialization_failure';
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER fail_to_serialize BEFORE UPDATE ON orders_order
                FOR EACH STATEMENT EXECUTE FUNCTION fail_to_serialize();
            """,
            [times],
        )

    def attempts() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM attempts")
            count: int = cursor.fetchone()[0]
        return count

    return attempts


def test_an_interrupted_batch_is_repeated(mall: Mall) -> None:
    answer = collide(mall)

    assert [row["status"] for row in answer.json()["results"]] == ["updated", "updated"]
    assert set(Order.objects.values_list("status", flat=True)) == {"received"}
    assert set(Commission.objects.values_list("status", flat=True)) == {"protected"}


def test_control_without_the_repeat_the_client_has_to_do_it(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "REPEATS", 0)

    answer = collide(mall)

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"]
    assert set(Order.objects.values_list("status", flat=True)) == {"paid"}
    assert set(Commission.objects.values_list("status", flat=True)) == {"pending"}
    assert [row["status"] for row in push(mall).json()["results"]] == ["updated", "updated"]


def test_a_serialization_failure_is_repeated_a_few_times(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MAX_PAUSE", 0)
    attempts = raise_in_the_database(times=repeats.REPEATS)

    assert push(mall).json()["results"][0]["status"] == "updated"
    assert attempts() == repeats.REPEATS


def test_what_fails_each_time_is_left_to_the_client(
    mall: Mall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MAX_PAUSE", 0)
    attempts = raise_in_the_database(times=100)

    answer = mall.put("/orders/O-1", body(**RECEIVED))

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer["Retry-After"]
    assert attempts() == repeats.REPEATS + 1
    assert set(Order.objects.values_list("status", flat=True)) == {"paid"}
