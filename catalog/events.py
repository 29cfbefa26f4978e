"""The events that ``catalog`` records."""

from events.declarations import EventType

CATALOG_OFF_SALE = EventType("catalog.off_sale")
CATALOG_ON_SALE = EventType("catalog.on_sale")
