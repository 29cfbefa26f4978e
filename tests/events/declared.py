"""The events that tests record."""

from events.declarations import EventType


def declared(name: str, *fields: str) -> EventType:
    """Declare an event whose fields may have any value."""
    return EventType(name, fields=dict.fromkeys(fields, object))
