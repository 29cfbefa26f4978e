from __future__ import annotations

from celery import shared_task

from common import clock
from distribution import services

BATCH_SIZE = 500
MAX_BATCHES = 200  # the rest waits for the next run


@shared_task
def expire_bindings() -> None:
    """Record the end of expired bindings, in batches."""
    at = clock.now()
    for _batch in range(MAX_BATCHES):
        if services.expire_bindings(at=at, limit=BATCH_SIZE) < BATCH_SIZE:
            return
