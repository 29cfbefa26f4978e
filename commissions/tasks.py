"""What is due is credited every minute."""

from __future__ import annotations

from celery import shared_task

from commissions import services
from common import clock
from common.turns import until_done


@shared_task
def settle() -> None:
    services.lift_thawed()
    until_done(lambda: services.settle(at=clock.now()))
