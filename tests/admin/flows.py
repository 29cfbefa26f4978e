"""Flows of the tests: somebody follows a fact, so that there is something to deliver."""

from __future__ import annotations

from events.models import Event

IN_TRANSACTION: dict[str, list[str]] = {}
AFTER_COMMIT = {"members.joined": ["tests.admin.flows.greet"]}


def greet(facts: list[Event]) -> None:
    pass
