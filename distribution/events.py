"""The events that ``distribution`` records."""

from events.declarations import EventType

DISTRIBUTION_APPLIED = EventType("distribution.applied", fields={"route": str})
DISTRIBUTION_APPROVED = EventType("distribution.approved", fields={"invitation": str, "route": str})
DISTRIBUTION_ASSIGNED = EventType("distribution.assigned", fields={"reason": str})
DISTRIBUTION_BOUND = EventType("distribution.bound", fields={"binding": str, "source": str})
DISTRIBUTION_ENROLLED = EventType("distribution.enrolled", fields={"route": str})
DISTRIBUTION_EXPIRED = EventType("distribution.expired")
DISTRIBUTION_LEVEL_CHANGED = EventType("distribution.level_changed", fields={"reason": str})
DISTRIBUTION_REASSIGNED = EventType("distribution.reassigned", fields={"reason": str})
DISTRIBUTION_REJECTED = EventType("distribution.rejected", fields={"reason": str})
DISTRIBUTION_SEGMENT_CHANGED = EventType("distribution.segment_changed", fields={"reason": str})
DISTRIBUTION_STATUS_CHANGED = EventType(
    "distribution.status_changed", fields={"bindings_ended": str, "reason": str}
)
DISTRIBUTION_UNBOUND = EventType(
    "distribution.unbound", fields={"binding": str, "end_reason": str, "reason": str}
)
DISTRIBUTION_POLICY_CHANGED = EventType("distribution.policy_changed")
