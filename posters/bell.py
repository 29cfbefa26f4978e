"""Wake the workers of the queue of posters. The rows say what is to be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from events.wakeup import FAIL_FAST_OPTIONS

log = structlog.get_logger(__name__)

DRAW, WARM = "posters.tasks.draw", "posters.tasks.warm"
HEARD_WITHIN = 30
"""Seconds after which a message expires; the sweep then sends another."""


def ring_on_commit(task: str, *arguments: Sequence[object]) -> None:
    """Send a message for each list of arguments once the transaction has committed."""
    transaction.on_commit(partial(ring, task, *arguments), robust=True)


def ring(task: str, *arguments: Sequence[object]) -> None:
    """Send a message for each list of arguments; if it is lost, the sweep sends another."""
    try:
        with current_app.connection_for_write(transport_options=FAIL_FAST_OPTIONS) as connection:
            for args in arguments:
                current_app.send_task(
                    task, args=list(args), expires=HEARD_WITHIN, connection=connection
                )
    except (OperationalError, OSError) as error:
        log.warning("poster_worker_wakeup_failed", error=str(error))
