"""Read the facts of products for cards, posters and pages, in a constant number of queries."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from django.db.models import QuerySet

from catalog.models import Category, Product, ProductPicture, Sku
from catalog.strike_prices import strike_prices

VERSION_LENGTH = 16


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product at a moment. Prices in fen; paths are those of the default storage.

    :param price: the lowest of its SKUs; ``None`` without any
    :param strike_price: the price of that SKU before a reduction; ``None`` without one
    :param picture: empty until one is stored, like its cuts
    :param industry: of its category, or of the nearest one above that has any; may be empty
    :param version: a hash that changes with every other field
    """

    public_id: str
    title: str
    price: int | None
    highest_price: int | None
    strike_price: int | None
    picture: str
    picture_hash: str
    chat_picture: str
    square_picture: str
    url: str
    mini_path: str
    category_code: str
    industry: str
    on_sale: bool
    version: str = field(init=False, default="")

    def __post_init__(self) -> None:
        shown = [getattr(self, item.name) for item in fields(self) if item.name != "version"]
        digest = hashlib.sha256(repr(shown).encode()).hexdigest()
        object.__setattr__(self, "version", digest[:VERSION_LENGTH])


def product_facts(products: Iterable[Product], *, at: datetime) -> dict[int, ProductFacts]:
    """Return the facts of products by their keys, in a constant number of queries."""
    rows = {product.pk: product for product in products}
    skus = _skus(rows)
    cheapest = {key: min(of_product, key=_by_price) for key, of_product in skus.items()}
    strikes = strike_prices([sku.pk for sku in cheapest.values()], at=at)
    pictures = main_pictures(rows)
    categories = _categories(rows.values())
    return {
        key: _facts(product, skus.get(key, []), strikes, pictures.get(key), categories)
        for key, product in rows.items()
    }


def main_pictures(keys: Iterable[int]) -> dict[int, ProductPicture]:
    """Return the stored picture that is shown first, by the key of the product."""
    rows = ProductPicture.objects.shown().filter(product__in=list(keys))
    return {row.product_id: row for row in rows.distinct("product_id")}


def _by_price(sku: Sku) -> tuple[int, str]:
    return sku.price, sku.code


def _skus(keys: Iterable[int]) -> dict[int, list[Sku]]:
    skus: dict[int, list[Sku]] = {}
    for sku in Sku.objects.filter(product__in=list(keys)):
        skus.setdefault(sku.product_id, []).append(sku)
    return skus


def _categories(products: Iterable[Product]) -> Mapping[int, Category]:
    """Return the categories of products with all above them, by key."""
    own = {product.category_id for product in products}
    trees = Category.objects.filter(pk__in=own).values("tree_id")
    rows: QuerySet[Category] = Category.objects.filter(tree_id__in=trees)
    return rows.only("code", "industry", "parent").in_bulk()


def _industry(category: Category | None, categories: Mapping[int, Category]) -> str:
    while category is not None and not category.industry:
        category = categories.get(category.parent_id) if category.parent_id else None
    return category.industry if category else ""


def _facts(
    product: Product,
    skus: list[Sku],
    strikes: Mapping[int, int],
    picture: ProductPicture | None,
    categories: Mapping[int, Category],
) -> ProductFacts:
    cheapest = min(skus, key=_by_price) if skus else None
    category = categories[product.category_id]
    return ProductFacts(
        public_id=product.public_id,
        title=product.name,
        price=cheapest.price if cheapest else None,
        highest_price=max(sku.price for sku in skus) if skus else None,
        strike_price=strikes.get(cheapest.pk) if cheapest else None,
        picture=picture.path if picture else "",
        picture_hash=picture.sha256 if picture else "",
        chat_picture=picture.chat_path if picture else "",
        square_picture=picture.square_path if picture else "",
        url=product.url,
        mini_path=product.mini_path,
        category_code=category.code,
        industry=_industry(category, categories),
        on_sale=product.status == Product.Status.ON_SALE,
    )
