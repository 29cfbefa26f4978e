"""Declare the events that ``incentives`` records."""

from events.declarations import EventType

INCENTIVES_LEVEL_PINNED = EventType(
    "incentives.level_pinned",
    subject="distribution.distributor",
    fields={"reason": str},
    description="Staff fixed the level of a distributor.",
)
INCENTIVES_LEVEL_UNPINNED = EventType(
    "incentives.level_unpinned",
    subject="distribution.distributor",
    fields={"reason": str},
    description="The level of a distributor is no longer fixed.",
)
INCENTIVES_LEVEL_WARNED = EventType(
    "incentives.level_warned",
    subject="distribution.distributor",
    fields={"level": str, "lower": str, "last_day": str},
    description="A distributor no longer reaches the level, and loses it after the days of grace.",
)
INCENTIVES_LADDER_CHANGED = EventType(
    "incentives.ladder_changed",
    subject="distribution.level",
    description="What a level asks for changed.",
)
