"""Kill a backend during parallel batches, on a private server because all sessions fail."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, close_old_connections, connection, connections
from pytest_django import DjangoDbBlocker

import devservers
from ledger import proof
from ledger.models import Transfer
from ledger.services import Posting, open_wallets, transfer_many
from tests.cast import member
from tests.concurrency import run_concurrently
from tests.ledger.money import balance, cash
from tests.ledger.test_transfer_many import credit

pytestmark = pytest.mark.slow  # starts and migrates its own server

BATCHES, SIZE, WRITERS = 8, 300, 4


@pytest.fixture
def private_server(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    home = Path(tempfile.mkdtemp(dir=settings.SERVER_PAIR.home))
    server_pair = devservers.server_pair(home, linger=0)
    with django_db_blocker.unblock():
        connections.close_all()
        shared = connections.settings["default"]
        saved = dict(shared)
        shared.update(server_pair.database())
        call_command("migrate", verbosity=0)
        yield
        connections.close_all()
        shared.update(saved)
        devservers.detach(server_pair)
        shutil.rmtree(home, ignore_errors=True)


def test_a_killed_backend_leaves_parallel_batches_consistent(
    private_server: None,
) -> None:
    people = [member(f"P{n}") for n in range(5)]
    open_wallets(people)
    wallets = [cash(person) for person in people]
    pids: dict[int, int] = {}
    started = threading.Barrier(WRITERS + 1)

    def batches(writer: int) -> list[list[Posting]]:
        return [
            [credit(wallets[n % 5], f"{writer}:{turn}:{n}", 1) for n in range(SIZE)]
            for turn in range(BATCHES)
        ]

    def write(writer: int) -> str:
        pids[writer] = connection.connection.info.backend_pid
        for turn, batch in enumerate(batches(writer)):
            if turn == 1:
                started.wait(60)
            transfer_many(batch)
        return "finished"

    def kill() -> None:
        started.wait(60)
        os.kill(pids[0], signal.SIGKILL)

    ends = run_concurrently(*(lambda writer=n: write(writer) for n in range(WRITERS)), kill)

    assert any(isinstance(end, DatabaseError) for end in ends), "the kill came too late"
    close_old_connections()
    posted = Transfer.objects.count()
    assert 0 < posted < WRITERS * BATCHES * SIZE
    assert posted % SIZE == 0
    assert proof.differences() == []

    for writer in range(WRITERS):
        for batch in batches(writer):
            transfer_many(batch)

    assert Transfer.objects.count() == WRITERS * BATCHES * SIZE
    assert sum(balance(person) for person in people) == WRITERS * BATCHES * SIZE
    assert proof.differences() == []
