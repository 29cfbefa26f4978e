"""Payouts go on by themselves: what is approved begins, what was sent is asked for."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.task_loop import run_until_idle
from withdrawals import services

IN_FLIGHT = 40  # calls that wait for the provider, of each worker
START_WINDOW = 10  # seconds in which a task begins anything: a sweep may take another minute


@shared_task
def pay() -> None:
    run_until_idle(_pay_batch, seconds=START_WINDOW)


def _pay_batch() -> int:
    # First what is under way: nothing that keeps the rest from beginning may keep it waiting.
    going = services.process_due_attempts(at=clock.now(), in_flight=IN_FLIGHT)
    return going or services.start_approved(at=clock.now())


@shared_task
def expire_ready() -> None:
    run_until_idle(lambda: services.expire_ready(at=clock.now()))
    services.alarm_overdue(at=clock.now())
