from __future__ import annotations

from time import monotonic

from celery import shared_task

from common import clock
from events import delivery, wakeup

MAX_SECONDS = 50  # well below the time limits of the tasks


@shared_task
def deliver() -> None:
    """Deliver until nothing is due; after MAX_SECONDS another task continues."""
    started = monotonic()
    while delivery.deliver_due(at=clock.now()):
        if monotonic() - started > MAX_SECONDS:
            wakeup.wake_workers()
            return
