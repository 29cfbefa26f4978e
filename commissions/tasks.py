"""Settle due commissions every minute."""

from __future__ import annotations

from celery import shared_task

from commissions import services
from common import clock
from common.batches import run_until_idle


@shared_task
def settle() -> None:
    services.release_unfrozen()
    run_until_idle(lambda: services.settle(at=clock.now()))
