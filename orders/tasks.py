"""Orders are completed once protected; refunds that are promised are not forgotten."""

from __future__ import annotations

import time

from celery import shared_task

from common import clock
from orders import services

SECONDS = 60.0


@shared_task
def complete() -> None:
    """Until none is ready, or for a minute: the next one goes on."""
    end = time.monotonic() + SECONDS
    while services.complete(at=clock.now()) and time.monotonic() < end:
        pass


@shared_task
def alarm_overdue_refunds() -> None:
    services.alarm_overdue_refunds(at=clock.now())
