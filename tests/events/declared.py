"""The events that tests record; they may carry whatever a test needs."""

from events.declarations import EventType


def declared(name: str) -> EventType:
    return EventType(name, fields={"n": int, "amount": int, "rows": int, "reason": str})
