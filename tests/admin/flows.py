"""Flows of the tests: somebody follows a fact, so that there is something to deliver."""

from __future__ import annotations

from events.models import Event

TOGETHER: dict[str, list[str]] = {}
AFTERWARDS = {"members.joined": ["tests.admin.flows.greet"]}


def greet(facts: list[Event]) -> None:
    pass
