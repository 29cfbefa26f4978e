"""SIGTERM ends each process within its grace period, with exit code 0."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from tests.production import compose, machines
from tests.production.house import House
from tests.production.processes import Process

pytestmark = pytest.mark.slow


@contextmanager
def deliveries_locked(house: House) -> Iterator[Any]:
    """Who reads them has to wait until this is rolled back, or its end."""
    line = house.postgres.connect()
    try:
        with line.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE events_delivery")
            yield cursor
    finally:
        line.close()


def someone_waits(house: House) -> bool:
    return bool(house.postgres.ask("SELECT 1 FROM pg_locks WHERE NOT granted"))


def all_serve(web: Process) -> bool:
    """A web worker that has to stop while it starts is killed after a time limit."""
    workers = psutil.Process(web.pid).children()
    return len(workers) == 2 and all(worker.num_threads() > 2 for worker in workers)


def test_web_answers_what_it_was_asked_and_ends(house: House) -> None:
    web, proxy = house.start_web()
    machines.until(lambda: all_serve(web), "both workers serve")
    line = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
    with deliveries_locked(house) as lock:
        line.request("GET", "/readyz", headers={"Host": compose.DOMAIN})
        machines.until(lambda: someone_waits(house), "the request waits")
        web.tell_to_stop()
        machines.until(lambda: not listens(proxy.port), "it takes no more")
        assert web.runs()
        lock.execute("ROLLBACK")
        assert line.getresponse().status == 200
    line.close()
    assert web.ended() == 0


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_a_worker_with_nothing_to_do(house: House) -> None:
    worker = house.start_worker()
    worker.tell_to_stop()
    assert worker.ended() == 0


def test_a_worker_finishes_what_it_does(house: House) -> None:
    own = ["--queues", "own"]  # which no other worker listens to
    worker = house.start_worker(*own)
    with deliveries_locked(house) as lock:
        call = ["celery", "--app", "config.celery", "call", "events.tasks.deliver"]
        sent = house.run([*call, "--queue", "own"])
        assert sent.finish() == 0, sent.output()
        machines.until(lambda: worker.logged(event="task_started"), "the task has begun")
        machines.until(lambda: someone_waits(house), "it waits")
        worker.tell_to_stop()
        machines.until(lambda: "soft shutdown" in worker.output().lower(), "it is stopping")
        assert worker.runs()
        lock.execute("ROLLBACK")
    assert worker.ended() == 0, worker.output()
    assert worker.logged(event="task_succeeded")


def test_beat(house: House) -> None:
    beat = house.start_beat()
    beat.tell_to_stop()
    assert beat.ended() == 0
