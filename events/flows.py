"""Who follows a fact: looked up in the table that ``settings.FLOWS`` names, two floors up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


def in_transaction(fact: str) -> list[Callable[..., Any]]:
    """Services that run in the fact's transaction, in their order."""
    return [import_string(name) for name in _table("IN_TRANSACTION").get(fact, [])]


def after_commit(fact: str) -> list[str]:
    """Names of handlers that a worker calls after the commit."""
    return _table("AFTER_COMMIT").get(fact, [])


def _table(name: str) -> dict[str, list[str]]:
    table: dict[str, list[str]] = import_string(f"{settings.FLOWS}.{name}")
    return table
