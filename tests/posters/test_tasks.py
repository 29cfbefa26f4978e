"""A worker of the queue has drawn a sample before its first poster."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from celery import Celery

from posters.rendering import engine, forget
from posters.tasks import prepare_worker


@pytest.mark.parametrize(("queue", "is_prepared"), [("posters", True), ("celery", False)])
def test_a_worker_of_the_queue_is_prepared_at_its_start(queue: str, is_prepared: bool) -> None:
    app = Celery()
    app.amqp.queues.select(queue)
    forget()

    prepare_worker(instance=SimpleNamespace(app=app))

    assert (len(engine._bases) > 0) is is_prepared
