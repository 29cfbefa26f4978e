"""Orders are completed once protected; refunds that are promised are not forgotten."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.turns import until_done
from orders import services


@shared_task
def complete() -> None:
    until_done(lambda: services.complete(at=clock.now()))


@shared_task
def alarm_overdue_refunds() -> None:
    services.alarm_overdue_refunds(at=clock.now())
