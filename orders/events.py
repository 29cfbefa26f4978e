"""Declare the events that ``orders`` records."""

from events.declarations import EventType

ORDERS_CHANGED = EventType(
    "orders.changed",
    subject="orders.order",
    description="An order was placed, times or refunds were added to it, or a conflict about it"
    " opened or ended.",
)
ORDERS_COMPLETED = EventType(
    "orders.completed",
    subject="orders.order",
    description="An order's protection period passed and goods are left.",
)
ORDERS_RECEIPT_ASSUMED = EventType(
    "orders.receipt_assumed",
    subject="orders.order",
    description="An order counts as received, because it was shipped long ago.",
)
ORDERS_CLOSURE_DECIDED = EventType(
    "orders.closure_decided",
    subject="orders.order",
    fields={"outcome": str, "reason": str},
    description="A person decided about the goods that were left in a paid order that was closed.",
)
ORDERS_CONFLICT_FILED = EventType(
    "orders.conflict_filed",
    subject="orders.orderconflict",
    fields={"source": str},
    description="A source reported a value that contradicts what is known, or cannot be true.",
)
ORDERS_CONFLICT_RESOLVED = EventType(
    "orders.conflict_resolved",
    subject="orders.orderconflict",
    fields={"source": str},
    description="A source reported the known value again, which ended its conflict.",
)
ORDERS_CONFLICT_DECIDED = EventType(
    "orders.conflict_decided",
    subject="orders.orderconflict",
    fields={"outcome": str, "reason": str},
    description="A person accepted or dismissed a conflict.",
)
ORDERS_REFUND_OVERDUE = EventType(
    "orders.refund_overdue",
    subject="orders.refund",
    description="An approved refund was not done in time.",
)
ORDERS_POLICY_CHANGED = EventType(
    "orders.policy_changed", subject="orders.policy", description="The settings of orders changed."
)
