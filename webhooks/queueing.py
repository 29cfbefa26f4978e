"""Queue a delivery of every public event for each endpoint that wants it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from events import feed as event_feed
from events.models import Event
from webhooks.catalogue import PUBLIC
from webhooks.feed import MAX_KEYS, confirm
from webhooks.messages import as_message, encode
from webhooks.models import FeedPosition, WebhookDelivery, WebhookEndpoint, WebhookMessage

BATCH = 500
QUEUED_WHILE_OFF = timedelta(days=30)


def queue_events(*, at: datetime) -> int:
    """Queue the next events.

    The position and the deliveries commit together, so after a crash nothing is missing, and
    nothing is queued twice.

    :returns: how many keys of events it passed; 0 when it is up to date
    """
    until = confirm()
    with transaction.atomic():
        position = FeedPosition.objects.select_for_update(no_key=True).get(pk=1)
        if until <= position.queued_until:
            return 0
        last = until
        if endpoints := list(_listening(at)):
            last = min(until, position.queued_until + MAX_KEYS)
            names = _wanted(endpoints)
            rows = event_feed.events_between(position.queued_until, last, names=names, limit=BATCH)
            if len(rows) == BATCH:
                last = rows[-1].pk
            _queue(rows, endpoints, at=at)
        passed = last - position.queued_until
        position.queued_until = last
        position.save(update_fields=["queued_until"])
        return passed


def _listening(at: datetime) -> QuerySet[WebhookEndpoint]:
    """Return the endpoints for which events are queued: not those that were off for long."""
    status = WebhookEndpoint.Status
    is_listening = Q(status=status.ACTIVE) | Q(
        status=status.OFF, switched_off_at__gt=at - QUEUED_WHILE_OFF
    )
    return WebhookEndpoint.objects.filter(is_listening, client__revoked_at=None).order_by("pk")


def _wanted(endpoints: Sequence[WebhookEndpoint]) -> list[str]:
    if any(not endpoint.types for endpoint in endpoints):
        return list(PUBLIC)
    return sorted({name for endpoint in endpoints for name in endpoint.types if name in PUBLIC})


def _queue(rows: Sequence[Event], endpoints: Sequence[WebhookEndpoint], *, at: datetime) -> None:
    messages = [_message(row, at=at) for row in rows]
    WebhookMessage.objects.bulk_create(messages)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint, message=message, subject=message.subject, created_at=at, due_at=at
        )
        for message in messages
        for endpoint in endpoints
        if not endpoint.types or message.type in endpoint.types
    )


def _message(event: Event, *, at: datetime) -> WebhookMessage:
    message = as_message(event)
    return WebhookMessage(
        public_id=message["id"], event=event, type=event.name, subject=str(event.subject),
        occurred_at=event.at, created_at=at, body=encode(message),
    )  # fmt: skip
