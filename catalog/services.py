"""Put products on sale and take them off sale."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from catalog.events import CATALOG_OFF_SALE, CATALOG_ON_SALE
from catalog.models import Product
from common import status
from common.errors import TwotierError
from events.services import record
from members.models import User


class ProductWithoutSku(TwotierError):
    code = "product_without_sku"
    message = _(
        "“%(product)s” has no SKU yet: give it at least one with a price, then put it on sale."
    )


@transaction.atomic
def put_on_sale(*, product: Product, by: User, at: datetime) -> None:
    """Put a product on sale.

    :raises ProductWithoutSku: the product has no SKU
    :raises WrongStatus: the product is already on sale
    """
    if not product.skus.exists():
        raise ProductWithoutSku(product=product.name)
    _move(product, to=Product.Status.ON_SALE, by=by, at=at)


@transaction.atomic
def take_off_sale(*, product: Product, by: User, at: datetime) -> None:
    """Take a product off sale; existing orders do not change.

    :raises WrongStatus: the product is not on sale
    """
    _move(product, to=Product.Status.OFF_SALE, by=by, at=at)


def _move(product: Product, *, to: Product.Status, by: User, at: datetime) -> None:
    before = status.move(product, to=to)
    record(
        CATALOG_ON_SALE if to == Product.Status.ON_SALE else CATALOG_OFF_SALE,
        product,
        at=at,
        by=by,
        before={"status": before},
        after={"status": to},
    )
