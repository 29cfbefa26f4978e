"""Declare the events that ``incentives`` records."""

from datetime import datetime

from events.declarations import EventType

INCENTIVES_VERSION_DRAFTED = EventType(
    "incentives.version_drafted",
    subject="incentives.version",
    fields={"incentive": str, "template": str},
    description="The terms of an incentive were drafted.",
)
INCENTIVES_VERSION_EDITED = EventType(
    "incentives.version_edited",
    subject="incentives.version",
    description="Drafted terms of an incentive were edited.",
)
INCENTIVES_VERSION_DISCARDED = EventType(
    "incentives.version_discarded",
    subject="incentives.version",
    fields={"discarded": str},
    description="Drafted terms of an incentive were deleted.",
)
INCENTIVES_VERSION_SUBMITTED = EventType(
    "incentives.version_submitted",
    subject="incentives.version",
    description="The terms of an incentive were handed over for publication.",
)
INCENTIVES_VERSION_RETURNED = EventType(
    "incentives.version_returned",
    subject="incentives.version",
    fields={"reason": str},
    description="Terms that were handed over became a draft again: returned, or taken back.",
)
INCENTIVES_VERSION_PUBLISHED = EventType(
    "incentives.version_published",
    subject="incentives.version",
    fields={"incentive": str, "number": int, "starts_at": datetime},
    description="A version of an incentive was published; starts_at: orders paid from then count.",
)
INCENTIVES_INCENTIVE_STOPPED = EventType(
    "incentives.incentive_stopped",
    subject="incentives.incentive",
    fields={"reason": str},
    description="An incentive was stopped: orders paid from then on do not count.",
)
