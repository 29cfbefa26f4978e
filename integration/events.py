"""The events that ``integration`` records."""

from events.declarations import EventType

INTEGRATION_CATEGORY_CHANGED = EventType("integration.category_changed")
INTEGRATION_GOODS_CHANGED = EventType("integration.goods_changed")
