"""Telling the workers that there is something to deliver; nothing depends on their hearing."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)

# Whoever rings has a person waiting. The worker's own line waits longer, and tries again.
FAIL_FAST_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 1,
    "max_retries": 0,
    "connect_retries_timeout": 1,
    "retry_on_timeout": False,
}


def wake_workers_on_commit() -> None:
    """Ring once after the transaction, however many facts it records."""
    if not any(hook is wake_workers for _, hook, *_ in connection.run_on_commit):
        transaction.on_commit(wake_workers, robust=True)


def wake_workers() -> None:
    """Ask a worker to deliver now; if it does not hear, the sweep finds the work a little later."""
    try:
        with current_app.connection_for_write(transport_options=FAIL_FAST_OPTIONS) as line:
            current_app.send_task("events.tasks.deliver", expires=60, connection=line)
    except (OperationalError, OSError) as away:
        log.warning("worker_wakeup_failed", error=str(away))
