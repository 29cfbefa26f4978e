"""Who follows a fact: looked up in the table that ``settings.FLOWS`` names, two floors up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from events.declarations import EventType


def in_transaction(event_type: EventType) -> list[Callable[..., Any]]:
    """Services that run in the fact's transaction, in their order."""
    return [import_string(name) for name in _table("IN_TRANSACTION").get(event_type, [])]


def after_commit(event_type: EventType) -> list[str]:
    """Names of handlers that a worker calls after the commit."""
    return _table("AFTER_COMMIT").get(event_type, [])


def _table(name: str) -> dict[EventType, list[str]]:
    table: dict[EventType, list[str]] = import_string(f"{settings.FLOWS}.{name}")
    return table
