"""Declare the events that ``incentives`` records."""

from events.declarations import EventType

AWARD_FIELDS = {"member": str, "kind": str, "asset": str, "amount": int}
"""Of each award: the member's public id, what is given, and the change in minor units, or 1."""

INCENTIVES_AWARD_GRANTED = EventType(
    "incentives.award_granted",
    subject="incentives.award",
    fields=AWARD_FIELDS,
    description="A member got an award, or more of it.",
)
INCENTIVES_AWARD_TAKEN_BACK = EventType(
    "incentives.award_taken_back",
    subject="incentives.award",
    fields=AWARD_FIELDS,
    description="An award was taken back, or a part of it, because less counts than before.",
)
INCENTIVES_AWARD_HELD = EventType(
    "incentives.award_held",
    subject="incentives.award",
    fields={**AWARD_FIELDS, "reason": str},
    description="An award was reached and is held until its reason ends.",
)
INCENTIVES_AWARD_REFUSED = EventType(
    "incentives.award_refused",
    subject="incentives.award",
    fields={**AWARD_FIELDS, "reason": str},
    description="An award was reached and is not given, because nothing is left to give.",
)
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
    fields={"level": str, "lower": str, "falls_at": str},
    description="A distributor no longer reaches the level, and loses it after the days of grace.",
)
INCENTIVES_LADDER_CHANGED = EventType(
    "incentives.ladder_changed",
    subject="distribution.level",
    fields={"reason": str},
    description="What a level asks for changed.",
)
