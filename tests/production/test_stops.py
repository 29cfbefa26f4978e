"""SIGTERM ends each process within its grace period, with exit code 0."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from tests.production import compose, machines
from tests.production.deployment import Deployment
from tests.production.processes import Process

pytestmark = pytest.mark.slow


@contextmanager
def deliveries_locked(deployment: Deployment) -> Iterator[Any]:
    """Lock the deliveries, so that readers wait for the rollback."""
    line = deployment.postgres.connect()
    try:
        with line.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE events_delivery")
            yield cursor
    finally:
        line.close()


def someone_waits(deployment: Deployment) -> bool:
    return bool(deployment.postgres.ask("SELECT 1 FROM pg_locks WHERE NOT granted"))


def all_serve(web: Process) -> bool:
    """Wait for every web worker: one stopped during its start is killed after a time limit."""
    workers = psutil.Process(web.pid).children()
    return len(workers) == 2 and all(worker.num_threads() > 2 for worker in workers)


def test_web_finishes_its_requests_and_ends(deployment: Deployment) -> None:
    web, proxy = deployment.start_web()
    machines.until(lambda: all_serve(web), "both workers serve")
    line = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=30)
    with deliveries_locked(deployment) as lock:
        headers = {"Host": compose.DOMAIN, "Authorization": f"Bearer {deployment.status_token()}"}
        line.request("GET", "/statusz", headers=headers)
        machines.until(lambda: someone_waits(deployment), "the request waits")
        web.terminate()
        machines.until(lambda: not listens(proxy.port), "it takes no more")
        assert web.is_running()
        lock.execute("ROLLBACK")
        assert json.loads(line.getresponse().read())["late"]  # no worker has run
    line.close()
    assert web.exit_code() == 0


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_an_idle_worker_stops(deployment: Deployment) -> None:
    worker = deployment.start_worker()
    worker.terminate()
    assert worker.exit_code() == 0


def test_a_worker_finishes_its_task(deployment: Deployment) -> None:
    own = ["--queues", "own"]  # which no other worker listens to
    worker = deployment.start_worker(*own)
    with deliveries_locked(deployment) as lock:
        call = ["celery", "--app", "config.celery", "call", "events.tasks.deliver"]
        sent = deployment.run([*call, "--queue", "own"])
        assert sent.finish() == 0, sent.output()
        machines.until(lambda: worker.logged(event="task_started"), "the task has begun")
        machines.until(lambda: someone_waits(deployment), "it waits")
        worker.terminate()
        machines.until(lambda: "soft shutdown" in worker.output().lower(), "it is stopping")
        assert worker.is_running()
        lock.execute("ROLLBACK")
    assert worker.exit_code() == 0, worker.output()
    assert worker.logged(event="task_succeeded")


def _has_sent(log: str, least: int) -> bool:
    """Return whether so many tasks are sent, and none is being sent."""
    sent = log.count("task_enqueued")
    return sent >= least and sent == log.count("Sending due task")


def test_beat_stops(deployment: Deployment) -> None:
    beat = deployment.start_beat()
    # A signal while Celery sends becomes an error of it; at the first task it loads what it needs.
    machines.until(lambda: _has_sent(beat.err.read_text(), 2), "beat has sent again")
    beat.terminate()
    assert beat.exit_code() == 0, beat.output()
