"""Declare the events that ``posters`` records."""

from events.declarations import EventType

POSTERS_TEMPLATE_PUBLISHED = EventType(
    "posters.template_published",
    subject="posters.postertemplate",
    fields={"version": int},
    description="A version of a poster template was published, perhaps an earlier one again.",
)
POSTERS_TEMPLATE_CHANGED = EventType(
    "posters.template_changed",
    subject="posters.postertemplate",
    description="Name, industry, position or offer of a poster template changed.",
)
POSTERS_LOOK_CHANGED = EventType(
    "posters.look_changed",
    subject="posters.shoplook",
    description="What posters show of the shop changed.",
)
