"""Look up the followers of an event in the table named by ``settings.FLOWS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from events.declarations import EventType


def in_transaction(event_type: EventType) -> list[Callable[..., Any]]:
    """Return the services that run in the event's transaction, in order."""
    return [import_string(name) for name in _table("IN_TRANSACTION").get(event_type, [])]


def after_commit(event_type: EventType) -> list[str]:
    """Return the dotted paths of the handlers that a worker calls after the commit."""
    return _table("AFTER_COMMIT").get(event_type, [])


def _table(name: str) -> dict[EventType, list[str]]:
    table: dict[EventType, list[str]] = import_string(f"{settings.FLOWS}.{name}")
    return table
