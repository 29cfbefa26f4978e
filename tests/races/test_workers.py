"""Real workers on a real broker lose no delivery when killed or when the broker is emptied."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

import devservers
from events.models import Delivery, Reference
from ledger.models import Transfer

pytestmark = pytest.mark.slow  # a worker needs seconds to start, and a sweep comes every five

RECORD = """
import django; django.setup()
from django.db import transaction
from events.models import Reference
from events.services import record
from tests.events.declared import declared
for n in range({first}, {last}):
    with transaction.atomic():
        subject = Reference("test", str(n % 7))
        record(declared("{name}", "n"), subject, at="2026-11-01T00:00Z", n=f"{{n:04}}")
"""


class Stage:
    """Processes that share a database and a private broker."""

    def __init__(self, database: str, folder: Path) -> None:
        self.folder = folder
        # The servers' account needs access, so use the folder of the test servers.
        self.home = Path(tempfile.mkdtemp(dir=settings.SERVER_PAIR.home))
        self.server_pair = devservers.server_pair(self.home, linger=0)
        devservers.attach(self.server_pair)
        self.running: list[subprocess.Popen[bytes]] = []
        host = connection.settings_dict["HOST"]
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.events.settings",
            "DATABASE_URL": f"postgres://postgres@/{database}?host={host}",
            "REDIS_URL": self.server_pair.broker_url,
            "TESTS_SIGN": str(folder / "died-once"),
        }

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"log-{len(self.running)}").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.running.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker that also runs beat for the sweeps."""
        schedule = str(self.folder / f"schedule-{len(self.running)}")
        return self.start(
            *("-m", "celery", "-A", "config.celery", "worker", "-B", "-s", schedule),
            *("-c", "1", "--without-gossip", "--without-mingle"),
        )

    def record(self, name: str, first: int, last: int) -> None:
        script = RECORD.format(name=name, first=first, last=last)
        assert self.start("-c", script).wait(60) == 0

    def broker(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.server_pair.valkey_socket))

    def close(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                kill_all(process)
        devservers.detach(self.server_pair)
        shutil.rmtree(self.home, ignore_errors=True)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """Kill a worker with its children, which would survive it."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def stage(committed: str, tmp_path: Path) -> Iterator[Stage]:
    opened = Stage(committed, tmp_path)
    yield opened
    opened.close()


def until(reached: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)  # a poll, not an assumption: the deadline decides


def delivered() -> bool:
    return not Delivery.objects.exists()


def test_a_worker_killed_before_its_acknowledgement_pays_once(stage: Stage) -> None:
    stage.record("test.deadly", 0, 1)
    stage.worker()

    until(Path(stage.environment["TESTS_SIGN"]).exists)
    until(lambda: Transfer.objects.filter(key__startswith="paid:").exists())
    assert Delivery.objects.get().attempts == 1
    until(delivered)

    assert Transfer.objects.filter(key__startswith="paid:").count() == 1


def test_the_next_worker_delivers_everything_after_a_kill(stage: Stage) -> None:
    first = stage.worker()
    stage.record("test.noted", 0, 1)
    until(delivered)
    kill_all(first)
    stage.record("test.noted", 1, 50)

    stage.worker()
    until(delivered)

    assert Transfer.objects.filter(key__startswith="note:").count() == 50


def test_everything_is_delivered_after_the_broker_is_emptied(stage: Stage) -> None:
    stage.record("test.noted", 0, 40)
    assert stage.broker().dbsize() > 0
    stage.broker().flushall()
    stage.worker()
    until(Transfer.objects.exists)
    for turn in range(1, 4):
        stage.record("test.noted", turn * 40, (turn + 1) * 40)
        stage.broker().flushall()
    until(delivered)

    for subject in range(7):
        transfers = Transfer.objects.filter(
            key__startswith=f"note:{Reference('', str(subject)).id}:"
        )
        keys = [key[-4:] for key in transfers.order_by("pk").values_list("key", flat=True)]
        assert keys == [f"{n:04}" for n in range(160) if n % 7 == subject]
