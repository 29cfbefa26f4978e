"""Record events and let the flows follow them."""

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
    """Record an event about each of ``subjects`` and call or queue its followers.

    Call it in the transaction of the change, so that both commit or roll back together. Followers
    in the transaction run now, with the subjects as given; those after the commit are delivered by
    a worker, in order for each subject. Bulk work records one event whose subject is a
    ``Reference`` to the batch.

    :param event_type: declared in ``<room>/events.py``
    :param at: when it happened, not when it is recorded
    :param by: the staff user or member who did it; None: the system
    :param before: the fields that a person changed, with their old values; ``after``: with the new
    :param follower_input: what followers in the transaction get instead of the subjects
    :param data: every declared field, None where there is nothing to say; no personal data
    :raises RuntimeError: outside a transaction, or with a subject or data that is not as declared
    """
    rows = [subjects] if isinstance(subjects, models.Model | Reference) else list(subjects)
    _record(event_type, [(row, data) for row in rows], at=at, by=by, before=before, after=after)
    for follow in flows.in_transaction(event_type):
        follow(rows if follower_input is None else follower_input, at=at)


def record_each(
    event_type: EventType, events: Iterable[tuple[Subject, dict[str, Any]]], *, at: datetime
) -> None:
    """Record an event about each subject with data of its own, as ``record`` would.

    The number of statements does not grow with the events.

    :param events: subjects with the data of their event, at most some thousands
    """
    rows = list(events)
    if not rows:
        return
    _record(event_type, rows, at=at)
    for follow in flows.in_transaction(event_type):
        follow([subject for subject, _ in rows], at=at)


def _record(
    event_type: EventType,
    rows: Sequence[tuple[Subject, dict[str, Any]]],
    *,
    at: datetime,
    by: models.Model | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Store the events and queue their followers."""
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event_type} must be recorded in the transaction of its change")
    references = [Reference.to(subject) for subject, _ in rows]
    for subject, (_, data) in zip(references, rows, strict=True):
        _require_declared(event_type, subject, data)
    handlers = flows.after_commit(event_type)
    if handlers:
        # Deliveries are ordered by id, and ids are drawn before the commit. Without the lock the
        # later of two transactions about a subject could commit and be delivered first.
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
        for subject, (_, data) in zip(references, rows, strict=True)
    ]
    insert(recorded)
    if handlers:
        insert(
            [
                Delivery(event=event, follower=handler, subject=str(event.subject))
                for event in recorded
                for handler in handlers
            ]
        )
        wakeup.wake_workers_on_commit()


def _require_declared(event_type: EventType, subject: Reference, data: dict[str, Any]) -> None:
    if undeclared := data.keys() - event_type.fields.keys():
        raise RuntimeError(f"{event_type} declares no {', '.join(sorted(undeclared))}")
    if missing := event_type.fields.keys() - data.keys():
        raise RuntimeError(f"{event_type} declares {', '.join(sorted(missing))}: give it, or None")
    for name, value in data.items():
        if value is not None and not isinstance(value, event_type.fields[name]):
            raise RuntimeError(
                f"{event_type} declares {name} as {event_type.fields[name].__name__}"
            )
    if event_type.subject and subject.kind != event_type.subject:
        raise RuntimeError(f"{event_type} is about {event_type.subject}, not {subject.kind}")
