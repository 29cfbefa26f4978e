"""Payouts go on by themselves: what is approved begins, what was sent is asked for."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.turns import until_done
from withdrawals import services

IN_FLIGHT = 24  # calls that wait for the provider, of each worker


@shared_task
def pay() -> None:
    # First what is under way: nothing that keeps the rest from beginning may keep it waiting.
    until_done(lambda: services.sweep(at=clock.now(), in_flight=IN_FLIGHT))
    if services.pay_approved(at=clock.now()):
        services.sweep(at=clock.now(), in_flight=IN_FLIGHT)


@shared_task
def expire_ready() -> None:
    until_done(lambda: services.expire_ready(at=clock.now()))
    services.alarm_overdue(at=clock.now())
