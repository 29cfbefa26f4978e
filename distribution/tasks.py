from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from distribution import services

BATCH_SIZE = 500


@shared_task
def expire_bindings() -> None:
    """Record the end of expired bindings, in batches."""
    at = clock.now()
    run_until_idle(lambda: services.expire_bindings(at=at, limit=BATCH_SIZE))


@shared_task
def end_bindings_to_exited() -> None:
    """Record the end of the bindings to distributors who have exited, in batches."""
    run_until_idle(services.end_bindings_to_exited)
