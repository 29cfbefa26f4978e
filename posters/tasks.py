"""Draw posters, on a queue of their own, and sweep."""

from __future__ import annotations

from celery import shared_task

from common import clock
from common.batches import run_until_idle
from posters import services


@shared_task
def draw(poster: int) -> None:
    services.draw_poster(poster=poster, at=clock.now())


@shared_task
def warm(kind: str, key: int) -> None:
    services.warm(kind=kind, key=key, at=clock.now())


@shared_task
def sweep_lost() -> None:
    services.sweep_lost(at=clock.now())


@shared_task
def sweep_old() -> None:
    run_until_idle(lambda: services.sweep_old(at=clock.now()))
