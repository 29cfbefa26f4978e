"""Payouts go on by themselves: what is approved begins, what was sent is asked for."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.turns import until_done
from withdrawals import services

IN_FLIGHT = 40  # calls that wait for the provider, of each worker
BEGINS = 10  # seconds in which a task begins anything: a sweep may take another minute


@shared_task
def pay() -> None:
    until_done(_pay_some, seconds=BEGINS)


def _pay_some() -> int:
    # First what is under way: nothing that keeps the rest from beginning may keep it waiting.
    going = services.sweep(at=clock.now(), in_flight=IN_FLIGHT)
    return going or services.pay_approved(at=clock.now())


@shared_task
def expire_ready() -> None:
    until_done(lambda: services.expire_ready(at=clock.now()))
    services.alarm_overdue(at=clock.now())
