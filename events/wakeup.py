"""Wake the workers when there is something to deliver; delivery does not depend on it."""

from __future__ import annotations

from functools import partial

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# A person may be waiting for this process. The workers' own connections retry for longer.
FAIL_FAST_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "max_retries": 0,
    "connect_retries_timeout": 1,
    "retry_on_timeout": False,
}


def wake_workers_on_commit() -> None:
    """Wake the workers once after the transaction, however many events it records."""
    if not any(hook is wake_workers for _, hook, *_ in connection.run_on_commit):
        transaction.on_commit(wake_workers, robust=True)


def wake_workers() -> None:
    """Ask a worker to deliver now; if the message is lost, the sweep finds the work later."""
    ring("events.tasks.deliver")


def ring_on_commit(task: str) -> None:
    """Ask a worker for a task after the transaction; the task itself finds its work."""
    transaction.on_commit(partial(ring, task), robust=True)


def ring(task: str) -> None:
    """Ask a worker for a task now; if the message is lost, the task's own schedule comes later."""
    try:
        with current_app.connection_for_write(transport_options=FAIL_FAST_OPTIONS) as connection_:
            current_app.send_task(task, expires=60, connection=connection_)
    except (OperationalError, OSError) as error:
        log.warning("worker_wakeup_failed", error=str(error))
