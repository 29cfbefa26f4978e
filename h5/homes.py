"""The home page of a distributor, as everybody sees it."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.models import Product
from distribution.models import Distributor
from sharing.models import HomePage


@dataclass(frozen=True, slots=True)
class Home:
    distributor: Distributor
    line: str
    products: list[Product]
    """Those on sale, in the distributor's order."""


def home_of(code: str) -> Home | None:
    """Return the page of an active distributor; ``None`` for every other code."""
    rows = Distributor.objects.filter(code=code, status=Distributor.Status.ACTIVE)
    distributor = rows.select_related("member").first()
    if distributor is None:
        return None
    home = HomePage.objects.filter(distributor=distributor).first()
    if home is None:
        return Home(distributor, "", [])
    chosen = home.products.filter(product__status=Product.Status.ON_SALE)
    products = [row.product for row in chosen.select_related("product").order_by("position")]
    return Home(distributor, home.line, products)
