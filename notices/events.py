"""Declare the events that ``notices`` records."""

from events.declarations import EventType

NOTICES_WORDING_SAVED = EventType(
    "notices.wording_saved",
    subject="notices.wording",
    fields={"kind": str, "number": int},
    description="A version of a message template was saved; it is not in force yet.",
)
NOTICES_WORDING_CHANGED = EventType(
    "notices.wording_changed",
    subject="notices.wording",
    fields={"kind": str},
    description="New messages of a kind say what another version says.",
)
NOTICES_TRIED = EventType(
    "notices.tried",
    subject="notices.notice",
    fields={"kind": str, "number": int},
    description="A member of staff sent a message to themselves as a trial.",
)
NOTICES_MESSAGE_RESENT = EventType(
    "notices.message_resent",
    subject="notices.notice",
    description="A message that WeChat had not sent was queued again.",
)
