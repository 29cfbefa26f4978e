"""Add up uses, forget old ones, and erase files that were removed."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from materials import services


@shared_task
def count_uses() -> None:
    run_until_idle(services.count_uses)


@shared_task
def forget() -> None:
    """Delete uses after 180 days, and files that nothing shows."""
    run_until_idle(lambda: services.forget_old_uses(at=clock.now()))
    run_until_idle(lambda: services.sweep_files(at=clock.now()))
