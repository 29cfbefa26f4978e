"""Products with pictures, for the tests of several rooms."""

from __future__ import annotations

from typing import Any

from catalog.models import Category, Product, ProductPicture, Sku
from catalog.picture_lists import add_picture, sync_pictures
from catalog.services import put_on_sale
from tests.cast import NOON, staff
from tests.members.pictures import picture

JPEG = (400, 300)


def product(name: str = "Mask", *, price: int = 10_990, **fields: Any) -> Product:
    """Return a product on sale with one SKU."""
    shelf, _ = Category.objects.get_or_create(code="beauty", defaults={"name": "Beauty"})
    made = Product.objects.create(**{"name": name, "category": shelf, **fields})
    Sku.objects.create(product=made, code=f"SKU-{made.pk}", price=price)
    put_on_sale(product=made, by=staff("Qian"), at=NOON)
    return made


def listed(made: Product, *urls: str) -> list[ProductPicture]:
    """Let the mall list these pictures; return the rows in their order."""
    made.images = list(urls)
    made.save()
    sync_pictures([made], at=NOON)
    rows = made.pictures.filter(status__in=ProductPicture.LISTED)
    return list(rows.order_by("position"))


def uploaded(made: Product, color: Any = "red", **options: Any) -> ProductPicture:
    raw = picture(color=color, **{"size": JPEG, **options})
    return add_picture(product=made, raw=raw, by=staff("Qian"), at=NOON)
