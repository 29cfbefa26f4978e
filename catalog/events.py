"""Declare the events that ``catalog`` records."""

from events.declarations import EventType

CATALOG_ON_SALE = EventType(
    "catalog.on_sale", subject="catalog.product", description="A product was put on sale."
)
CATALOG_OFF_SALE = EventType(
    "catalog.off_sale", subject="catalog.product", description="A product was taken off sale."
)
CATALOG_PICTURE_CHANGED = EventType(
    "catalog.picture_changed",
    subject="catalog.product",
    description="The pictures that are shown of a product are others now.",
)
CATALOG_CATEGORY_MOVED = EventType(
    "catalog.category_moved",
    subject="catalog.category",
    description="A person has moved a category below another one, or to the top.",
)
