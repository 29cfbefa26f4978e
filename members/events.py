"""Declare the events that ``members`` records."""

from events.declarations import EventType

MEMBERS_JOINED = EventType(
    "members.joined",
    subject="members.member",
    fields={"provider": str},
    description="A member was created at the first contact with this identity provider.",
)
