"""What is due is credited every minute."""

from __future__ import annotations

import time

from celery import shared_task

from commissions import services
from common import clock

SECONDS = 60.0


@shared_task
def settle() -> None:
    """Until nothing is due, or for a minute: the next one goes on."""
    end = time.monotonic() + SECONDS
    services.lift_thawed()
    while services.settle(at=clock.now()) and time.monotonic() < end:
        pass
