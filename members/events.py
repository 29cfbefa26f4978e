"""The events that ``members`` records."""

from events.declarations import EventType

MEMBERS_JOINED = EventType("members.joined", fields={"provider": str})
