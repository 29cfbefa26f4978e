"""Write an event as other systems read it: the same in the feed and in a webhook."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings
from django.utils.translation import gettext

from common import clock, encryption
from common.base_models import public_id
from events.declarations import EventType, title_of
from events.models import Event
from webhooks.catalogue import PUBLIC, SAMPLES

API_VERSION = "v1"
TEST = "webhooks.test"
ID_LENGTH = 28


def title_of_type(name: str) -> str:
    """Return what a message says, in the reader's language."""
    return gettext("Test message") if name == TEST else title_of(name)


def event_id(event: Event) -> str:
    """Return the id of an event: always the same, and it does not tell how many there are."""
    return f"evt_{encryption.fingerprint(f'event:{event.pk}')[:ID_LENGTH]}"


def as_message(event: Event) -> dict[str, Any]:
    """Return an event of ``events.feed.events_between`` as it is sent."""
    _event_type, fields = PUBLIC[event.name]
    return _message(
        id=event_id(event),
        type=event.name,
        at=event.at,
        subject={
            "type": event.subject_kind,
            "id": event.subject_id,
            "sequence": event.sequence,  # type: ignore[attr-defined]
        },
        data={name: event.data.get(name) for name in fields},
    )


def trial_message(endpoint_id: str, *, sequence: int, at: datetime) -> dict[str, Any]:
    """Return a message that is no event, to test an endpoint."""
    subject = {"type": "webhooks.webhookendpoint", "id": endpoint_id, "sequence": sequence}
    return _message(id=f"evt_{public_id()}", type=TEST, at=at, subject=subject, data={})


def encode(message: Mapping[str, Any]) -> bytes:
    return orjson.dumps(message)


def _message(*, at: datetime, **rest: Any) -> dict[str, Any]:
    return {
        "id": rest["id"],
        "type": rest["type"],
        "occurred_at": at.astimezone(clock.SHANGHAI).isoformat(),
        "subject": rest["subject"],
        "data": rest["data"],
        "api_version": API_VERSION,
        "livemode": settings.PRODUCTION,
    }


_SCHEMAS: dict[type, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    date: {"type": "string", "format": "date"},
    list: {"type": "array", "items": {}},
    dict: {"type": "object"},
}
_SAMPLES: dict[type, Any] = {
    str: "text", int: 1_200, bool: True, date: "2026-11-01", list: [], dict: {"cash": 1_200},
}  # fmt: skip


def schema_of(event_type: EventType, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the JSON schema of a message; a field without a value is null."""
    data = {
        name: {"anyOf": [_SCHEMAS[event_type.fields[name]], {"type": "null"}]} for name in fields
    }
    subject = {
        "type": {"const": event_type.subject},
        "id": {"type": "string"},
        "sequence": {"type": "integer", "minimum": 1},
    }
    return _object(
        {
            "id": {"type": "string"},
            "type": {"const": event_type.name},
            "occurred_at": {"type": "string", "format": "date-time"},
            "subject": _object(subject),
            "data": _object(data),
            "api_version": {"const": API_VERSION},
            "livemode": {"type": "boolean"},
        }
    )


def sample_of(event_type: EventType, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return an example of a message."""
    values = SAMPLES.get(event_type, {})
    return {
        "id": "evt_4f1c0d9a2b7e4c6d8f3a5b1e9c7d",
        "type": event_type.name,
        "occurred_at": "2026-11-01T12:00:00+08:00",
        "subject": {"type": event_type.subject, "id": "3v9k2m8q4d7w1x5c6z0t", "sequence": 1},
        "data": {name: values.get(name, _SAMPLES[event_type.fields[name]]) for name in fields},
        "api_version": API_VERSION,
        "livemode": False,
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
