"""The page of a queue: rooms open a desk, and people decide there."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse

from backoffice import desk_batches, office, queues
from backoffice.desk_visit import Visit
from backoffice.office import OfficePage
from backoffice.queues import Queue


def open_desk(queue: Queue) -> Queue:
    """Register a queue and its page at ``/admin/queues/<name>/``."""
    office.register(
        OfficePage(
            f"queue_{queue.name}", f"queues/{queue.name}", queue.title, queue.permission,
            partial(serve, queue), queue.icon,
        )
    )  # fmt: skip
    return queues.register(queue)


def serve(queue: Queue, request: HttpRequest) -> HttpResponse:
    visit = Visit(queue, request)
    action = request.POST.get("action", "")
    if request.method != "POST":
        return visit.show()
    if queue.desk and queue.desk.batch and action in desk_batches.STEPS:
        return desk_batches.serve(visit, queue.desk.batch)
    return visit.act(action)
