"""System checks for what must agree across rooms; ``manage.py check`` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.module_loading import import_string

MIN_POSTGRESQL_VERSION = 150_000


@register()
def flows_resolve(**_: Any) -> list[CheckMessage]:
    """Every follower named in the flows can be called."""
    problems: list[CheckMessage] = []
    for table in ("IN_TRANSACTION", "AFTER_COMMIT"):
        for fact, followers in import_string(f"{settings.FLOWS}.{table}").items():
            for name in followers:
                try:
                    found = callable(import_string(name))
                except ImportError:
                    found = False
                if not found:
                    problems.append(
                        Error(
                            f"{settings.FLOWS}.{table}: {name}, to follow {fact}, is no function.",
                            hint="Name an existing function by its dotted path.",
                            id="config.E001",
                        )
                    )
    return problems


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
