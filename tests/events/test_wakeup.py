"""Workers are woken once per transaction, without blocking the caller."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.db import transaction

from config.celery import app
from events import wakeup
from events.models import Reference
from events.services import record
from tests.cast import NOON
from tests.events.declared import declared

A, B = Reference("test", "A"), Reference("test", "B")
SOON = 4.0


@pytest.fixture(autouse=True)
def database(committed: str) -> None:
    """Workers are woken on commit."""


@pytest.fixture(autouse=True)
def own_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a database of the broker that no other test process writes to."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    url = f"{app.conf.broker_url}?virtual_host={1 + worker % 15}"
    monkeypatch.setattr(app.conf, "broker_write_url", url)
    monkeypatch.setattr(app.conf, "broker_read_url", url)


def waiting() -> int:
    """Return the number of tasks in the test broker, which has no workers."""
    with app.connection_for_read() as line:
        return int(line.default_channel.client.llen("celery"))


def test_one_transaction_wakes_workers_once() -> None:
    before = waiting()
    with transaction.atomic():
        for n in range(3):
            record(declared("test.noted", "n"), A, at=NOON, n=n)
        record(declared("test.noted", "n"), B, at=NOON, n=1)
        assert waiting() == before
    assert waiting() == before + 1


def roll_back_an_event() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        record(declared("test.noted", "n"), A, at=NOON, n=1)
        raise ZeroDivisionError


def test_a_rolled_back_event_wakes_no_worker_and_blocks_no_wakeup() -> None:
    before = waiting()
    with transaction.atomic():
        roll_back_an_event()
    assert waiting() == before
    with transaction.atomic():
        roll_back_an_event()
        record(declared("test.noted", "n"), A, at=NOON, n=2)
    assert waiting() == before + 1


@pytest.fixture(params=["silent", "refusing"])
def broker_away(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = socket.create_server(("127.0.0.1", 0))
    url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
    if request.param == "refusing":
        server.close()
    real = app.connection_for_write
    monkeypatch.setattr(app, "connection_for_write", lambda **options: real(url, **options))
    yield
    server.close()


@pytest.mark.usefixtures("broker_away")
def test_without_a_broker_the_caller_is_not_blocked() -> None:
    started = time.monotonic()
    wakeup.wake_workers()
    assert time.monotonic() - started < SOON
