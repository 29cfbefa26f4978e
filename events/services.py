"""Recording what happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import connection, models

from common.bulk_insert import insert
from common.locks import advisory_lock
from events import flows, wakeup
from events.declarations import EventType
from events.models import Delivery, Event, Reference

Subject = models.Model | Reference


def record(
    event_type: EventType,
    subjects: Subject | Iterable[Subject],
    *,
    at: datetime,
    by: models.Model | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    follower_input: Sequence[Any] | None = None,
    **data: Any,
) -> None:
    """Record a fact about each of ``subjects``, and let the flows follow it.

    It belongs into the transaction of the change itself: fact and change stand or fall together.
    What follows together runs now and with the subjects as they were given; what follows afterwards
    is delivered by a worker, in order for each subject. Bulk work records one fact whose subject is
    a ``Reference`` to the batch.

    :param event_type: declared in ``<room>/events.py``
    :param at: when it happened, not when it is recorded
    :param by: who did it: staff or member; ``None`` is the system
    :param before: what a person changed, as it was; ``after``: as it is
    :param follower_input: what in-transaction followers receive instead of the subjects
    :param data: what a reader of the fact needs beside its subject; no personal data
    :raises RuntimeError: outside a transaction
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event_type} must be recorded in the transaction of its change")
    rows = [subjects] if isinstance(subjects, models.Model | Reference) else list(subjects)
    references = [Reference.to(row) for row in rows]
    handlers = flows.after_commit(event_type)
    if handlers:
        # Deliveries are ordered by id, and ids are drawn before the commit. Otherwise the later of
        # two transactions about one subject could commit first and be delivered first.
        advisory_lock(*map(str, references))
    actor = Reference.to(by) if by else Reference("", "")
    recorded = [
        Event(
            name=event_type.name,
            subject_kind=subject.kind,
            subject_id=subject.id,
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.id,
            request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
            before=before,
            after=after,
            data=data,
        )
        for subject in references
    ]
    insert(recorded)
    if handlers:
        Delivery.objects.bulk_create(
            Delivery(event=event, follower=handler, subject=str(event.subject))
            for event in recorded
            for handler in handlers
        )
        wakeup.wake_workers_on_commit()
    for follow in flows.in_transaction(event_type):
        follow(rows if follower_input is None else follower_input, at=at)
