"""The events that ``orders`` records."""

from events.declarations import EventType

ORDERS_CHANGED = EventType("orders.changed")
ORDERS_COMPLETED = EventType("orders.completed")
ORDERS_POLICY_CHANGED = EventType("orders.policy_changed")
ORDERS_REFUND_OVERDUE = EventType("orders.refund_overdue")
