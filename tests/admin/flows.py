"""Flows of the tests: an event with a follower, so that there is a delivery."""

from __future__ import annotations

from events.declarations import EventType
from events.models import Event
from members.events import MEMBERS_JOINED

IN_TRANSACTION: dict[EventType, list[str]] = {}
AFTER_COMMIT = {MEMBERS_JOINED: ["tests.admin.flows.greet"]}


def greet(events: list[Event]) -> None:
    pass
