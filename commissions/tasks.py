"""Settle due commissions, announce new ones, alarm of overdue claims, and back-test plans."""

from __future__ import annotations

from celery import shared_task

from commissions import services
from common import clock
from common.batches import run_until_idle

THAW_SECONDS = 15.0
BACK_TEST_SECONDS = 10.0  # other jobs wait for this worker meanwhile


@shared_task
def settle() -> None:
    # Thaws last and for a short time: a backlog of them must not delay what is due.
    run_until_idle(lambda: services.settle(at=clock.now()))
    run_until_idle(services.release_unfrozen, seconds=THAW_SECONDS)


@shared_task
def announce_accruals() -> None:
    """Record the events of members who got new commissions."""
    run_until_idle(lambda: services.announce_accruals(at=clock.now()))


@shared_task
def alarm_overdue_claims() -> None:
    services.alarm_overdue_claims(at=clock.now())


@shared_task
def run_back_tests() -> None:
    run_until_idle(lambda: services.run_back_tests(at=clock.now()), seconds=BACK_TEST_SECONDS)
