"""Declare the events that ``integration`` records."""

from events.declarations import EventType

INTEGRATION_GOODS_CHANGED = EventType(
    "integration.goods_changed",
    subject="catalog.product",
    description="An import changed a product.",
)
INTEGRATION_CATEGORY_CHANGED = EventType(
    "integration.category_changed",
    subject="catalog.category",
    description="An import changed a category.",
)
