"""Declare the events that ``incentives`` records."""

from datetime import datetime

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
    description="An award was reached and is not given; the reason says why.",
)
INCENTIVES_FRIEND_ORDERED = EventType(
    "incentives.friend_ordered",
    subject="members.member",
    fields={"incentive": str, "version": str, "referrer": str},
    description="A member whom another one brought has paid a first order, which counts once it is"
    " completed.",
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
    fields={"level": str, "lower": str, "last_day": str},
    description="A distributor no longer reaches the level, and loses it after the days of grace.",
)
INCENTIVES_LADDER_CHANGED = EventType(
    "incentives.ladder_changed",
    subject="distribution.level",
    description="What a level asks for changed.",
)
INCENTIVES_GIFT_OPENED = EventType(
    "incentives.gift_opened",
    subject="incentives.gifttask",
    fields={"member": str, "sku": str, "award": str},
    description="A member is to be sent a gift; sku: its code.",
)
INCENTIVES_GIFT_SENT = EventType(
    "incentives.gift_sent",
    subject="incentives.gifttask",
    fields={"member": str, "sku": str, "award": str, "note": str},
    description="A gift was sent; note: what the member reads about the parcel.",
)
INCENTIVES_GIFT_CANCELLED = EventType(
    "incentives.gift_cancelled",
    subject="incentives.gifttask",
    fields={"member": str, "sku": str, "award": str, "reason": str},
    description="A gift is no longer to be sent; reason: null if its award was taken back.",
)
INCENTIVES_PROOF_HANDED_IN = EventType(
    "incentives.proof_handed_in",
    subject="incentives.proof",
    fields={"member": str, "incentive": str},
    description="A member handed in a picture as proof.",
)
INCENTIVES_PROOF_APPROVED = EventType(
    "incentives.proof_approved",
    subject="incentives.proof",
    fields={"member": str, "incentive": str},
    description="A person approved a proof: it counts.",
)
INCENTIVES_PROOF_REJECTED = EventType(
    "incentives.proof_rejected",
    subject="incentives.proof",
    fields={"member": str, "incentive": str, "reason": str},
    description="A person rejected a proof; the member reads the reason.",
)
INCENTIVES_PERIOD_CLOSED = EventType(
    "incentives.period_closed",
    subject="incentives.periodclosing",
    fields={"incentive": str, "period_start": str},
    description="A period was closed: what counts in it changes no more.",
)
INCENTIVES_CLOSING_WAITS = EventType(
    "incentives.closing_waits",
    subject="incentives.periodclosing",
    fields={"incentive": str, "awards": int, "amount": int},
    description="The awards of a close wait for a second person; their worth in fen.",
)
INCENTIVES_CLOSING_FINAL = EventType(
    "incentives.closing_final",
    subject="incentives.periodclosing",
    fields={"incentive": str, "awards": int, "amount": int},
    description="The awards of a close are final and are given; their worth in fen.",
)
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
INCENTIVES_POLICY_CHANGED = EventType(
    "incentives.policy_changed",
    subject="incentives.policy",
    description="The settings of incentives changed.",
)
