"""Celery entry points: each reads the clock and calls one service."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from sharing import services

BATCH_SIZE = 1_000


@shared_task
def fetch_codes() -> None:
    """Fetch the mini-program codes that wait."""
    run_until_idle(lambda: services.fetch_codes(at=clock.now()))


@shared_task
def forget_traces() -> None:
    """Delete addresses and user agents of visits that are older than 180 days."""
    at = clock.now()
    run_until_idle(lambda: services.forget_traces(at=at, limit=BATCH_SIZE))
