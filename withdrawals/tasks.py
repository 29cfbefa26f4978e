"""Start approved payouts, poll sent ones, and expire uncollected withdrawals."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from withdrawals import services

IN_FLIGHT = 40  # concurrent calls to the provider, of each worker
AUTHORIZATIONS = 3  # queries, one after the other, of each task
START_WINDOW = 10  # seconds in which a task starts runs: a run may take another minute


@shared_task
def pay() -> None:
    """Process due attempts, start approved payouts, then query due authorizations."""
    run_until_idle(_pay_batch, seconds=START_WINDOW)
    services.poll_authorizations(at=clock.now(), limit=AUTHORIZATIONS)


def _pay_batch() -> int:
    # Payments in progress first: a fault in starting others must not hold them up.
    processed = services.process_due_attempts(at=clock.now(), in_flight=IN_FLIGHT)
    return processed or services.start_approved_payouts(at=clock.now())


@shared_task
def expire_ready() -> None:
    """Cancel uncollected withdrawals, and alert on payouts that need a person."""
    run_until_idle(lambda: services.expire_uncollected_withdrawals(at=clock.now()))
    services.alarm_overdue_payouts(at=clock.now())
    services.alarm_stopped_payouts(at=clock.now())
