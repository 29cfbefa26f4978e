from __future__ import annotations

from celery import shared_task

from common import clock
from distribution import services

AT_ONCE = 500
TURNS = 200  # what is left then waits for the next beat


@shared_task
def expire_bindings() -> None:
    at = clock.now()
    for _turn in range(TURNS):
        if services.expire_bindings(at=at, most=AT_ONCE) < AT_ONCE:
            return
