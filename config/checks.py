"""System checks for what must agree across rooms; ``manage.py check`` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.module_loading import import_string

from config import event_docs

MIN_POSTGRESQL_VERSION = 150_000


@register()
def flows_resolve(**_: Any) -> list[CheckMessage]:
    """Every follower named in the flows can be called."""
    problems: list[CheckMessage] = []
    for table in ("IN_TRANSACTION", "AFTER_COMMIT"):
        for event_type, followers in import_string(f"{settings.FLOWS}.{table}").items():
            for name in followers:
                try:
                    is_callable = callable(import_string(name))
                except ImportError:
                    is_callable = False
                if not is_callable:
                    problems.append(
                        Error(
                            f"{settings.FLOWS}.{table}: {name}, to follow {event_type}, "
                            "is not a function.",
                            hint="Name an existing function by its dotted path.",
                            id="config.E001",
                        )
                    )
    return problems


@register()
def followed_events_are_declared(**_: Any) -> list[CheckMessage]:
    """Check that some room declares every event that the flows follow."""
    declared = {each for types in event_docs.declared().values() for each in types}
    return [
        Error(
            f"{settings.FLOWS}.{table}: {event_type} is declared by no room.",
            hint="Declare it in the events.py of its room, or correct its name.",
            id="config.E004",
        )
        for table in ("IN_TRANSACTION", "AFTER_COMMIT")
        for event_type in import_string(f"{settings.FLOWS}.{table}")
        if event_type not in declared
    ]


@register(Tags.database)
def postgresql_is_recent(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """The guards of money are PostgreSQL's, from version 15 on."""
    problems: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor != "postgresql":
            problems.append(
                Error(
                    "Twotier runs on PostgreSQL only.", hint="Set DATABASE_URL.", id="config.E002"
                )
            )
            continue
        connection.ensure_connection()
        version = connection.connection.server_version
        if version < MIN_POSTGRESQL_VERSION:
            problems.append(
                Error(
                    f"PostgreSQL {version // 10_000} is too old.",
                    hint="Use PostgreSQL 15 or newer.",
                    id="config.E003",
                )
            )
    return problems
