"""Back-test incentives on past orders."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from incentives.services import back_tests

BACK_TEST_SECONDS = 10.0  # other jobs wait for this worker meanwhile


@shared_task
def run_back_tests() -> None:
    run_until_idle(lambda: back_tests.run_back_tests(at=clock.now()), seconds=BACK_TEST_SECONDS)
