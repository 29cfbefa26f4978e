from __future__ import annotations

from celery import shared_task

from common import clock
from distribution import services

BATCH_SIZE = 500
MAX_BATCHES = 200  # what is left then waits for the next beat


@shared_task
def expire_bindings() -> None:
    at = clock.now()
    for _turn in range(MAX_BATCHES):
        if services.expire_bindings(at=at, limit=BATCH_SIZE) < BATCH_SIZE:
            return
