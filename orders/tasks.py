"""Complete orders after their protection, and alert about what waits too long."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from orders import services


@shared_task
def complete() -> None:
    run_until_idle(lambda: services.complete(at=clock.now()))


@shared_task
def assume_receipts() -> None:
    run_until_idle(lambda: services.assume_receipts(at=clock.now()))


@shared_task
def alarm_overdue_refunds() -> None:
    services.alarm_overdue_refunds(at=clock.now())


@shared_task
def alarm_waiting_orders() -> None:
    services.alarm_waiting_orders(at=clock.now())
