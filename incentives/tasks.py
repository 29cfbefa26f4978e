"""Review levels and held awards, end what is over, close periods, and back-test incentives."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from incentives.services import awards, back_tests, closing, levels

CLOSINGS = 20
"""Closes that one turn begins."""
BACK_TEST_SECONDS = 10.0  # other jobs wait for this worker meanwhile


@shared_task
def review_levels() -> None:
    """Review the distributors who were not reviewed today, in batches."""
    run_until_idle(lambda: levels.review_levels(at=clock.now()))


@shared_task
def end_levels() -> None:
    """End pins and awarded levels whose time is over."""
    run_until_idle(lambda: levels.end_levels_that_are_over(at=clock.now()))


@shared_task
def close_periods() -> None:
    """Close the periods of incentives whose close has come, and compute their prizes."""
    run_until_idle(lambda: closing.close_periods(at=clock.now(), limit=CLOSINGS))


@shared_task
def release_awards() -> None:
    """Give the awards of closes that are final: those that are too many for one transaction."""
    run_until_idle(lambda: awards.release_final(at=clock.now()))


@shared_task
def review_held() -> None:
    """Give the awards whose reason to be held has ended."""
    awards.review_held(at=clock.now())


@shared_task
def run_back_tests() -> None:
    run_until_idle(lambda: back_tests.run_back_tests(at=clock.now()), seconds=BACK_TEST_SECONDS)
