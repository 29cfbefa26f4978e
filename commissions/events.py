"""The events that ``commissions`` records."""

from events.declarations import EventType

COMMISSIONS_CLAWED_BACK = EventType("commissions.clawed_back", fields={"owed": str})
COMMISSIONS_CREDITED = EventType("commissions.credited", fields={"count": str})
COMMISSIONS_PLAN_DISCARDED = EventType("commissions.plan_discarded", fields={"discarded": str})
COMMISSIONS_PLAN_DRAFTED = EventType("commissions.plan_drafted", fields={"rules": str})
COMMISSIONS_PLAN_EDITED = EventType("commissions.plan_edited")
COMMISSIONS_PLAN_PUBLISHED = EventType("commissions.plan_published", fields={"number": str})
COMMISSIONS_RETRIED = EventType("commissions.retried", fields={"detail": str})
