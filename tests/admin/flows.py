"""Flows of the tests: somebody follows a fact, so that there is something to deliver."""

from __future__ import annotations

from events.declarations import EventType
from events.models import Event
from members.events import MEMBERS_JOINED

IN_TRANSACTION: dict[EventType, list[str]] = {}
AFTER_COMMIT = {MEMBERS_JOINED: ["tests.admin.flows.greet"]}


def greet(facts: list[Event]) -> None:
    pass
