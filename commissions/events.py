"""The events that ``commissions`` records."""

from events.declarations import EventType

COMMISSIONS_CLAWED_BACK = EventType("commissions.clawed_back", fields={"owed": int})
COMMISSIONS_CREDITED = EventType("commissions.credited", fields={"count": int})
# Of each member of a settlement, once. ``amounts``: minor units by asset.
COMMISSIONS_CREDITED_TO_MEMBER = EventType(
    "commissions.credited_to_member",
    fields={"settlement": str, "count": int, "amounts": dict},
)
COMMISSIONS_PLAN_DISCARDED = EventType("commissions.plan_discarded", fields={"discarded": str})
COMMISSIONS_PLAN_DRAFTED = EventType("commissions.plan_drafted", fields={"rules": int})
COMMISSIONS_PLAN_EDITED = EventType("commissions.plan_edited")
COMMISSIONS_PLAN_PUBLISHED = EventType("commissions.plan_published", fields={"number": int})
COMMISSIONS_RETRIED = EventType("commissions.retried", fields={"detail": str})
