"""Draw posters, on a queue of their own, and sweep."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup

from common import clock
from common.batches import run_until_idle
from posters import services

QUEUE = "posters"


@celeryd_after_setup.connect
def prepare_worker(instance: Any, **_: Any) -> None:
    """Load fonts and libraries before a worker of the queue takes its first message.

    The first member would wait two seconds for them. Processes that the worker forks have them.
    """
    if QUEUE in instance.app.amqp.queues.consume_from:
        services.draw_sample()


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
