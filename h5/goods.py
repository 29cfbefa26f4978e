"""Gather the data of products for pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from catalog.models import Product, ProductPicture, Sku
from catalog.queries import ProductFacts, product_facts
from sharing.homes import HomeItem
from sharing.landing import landing_by, with_share
from sharing.models import LandingPolicy, Share
from sharing.targets import TargetFacts

SHOWN_OTHERS = 4
SAFE_SCHEMES = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Item:
    """A product in a list; prices in fen."""

    link: str
    title: str
    picture: str
    price: int | None
    strike_price: int | None


@dataclass(frozen=True, slots=True)
class Variety:
    """An SKU to choose; the price in fen."""

    name: str
    price: int


def media_path(path: str) -> str:
    """Return the address of a stored file on this server; empty for an empty path."""
    return f"/media/{path}" if path else ""


def items(products: Sequence[Product], *, code: str, at: datetime) -> list[Item]:
    """Return products for a list, in their order.

    :param code: of the share by which the visitor came, for the links; may be empty
    """
    facts = product_facts(products, at=at)
    return [_item(facts[product.pk], code) for product in products]


def items_of_home(chosen: Sequence[HomeItem], *, code: str) -> list[Item]:
    """Return the products of a home page for a list."""
    return [
        Item(_link(row.public_id, code), row.title, row.picture, row.price, row.strike_price)
        for row in chosen
    ]


def _item(facts: ProductFacts, code: str) -> Item:
    return Item(
        link=_link(facts.public_id, code),
        title=facts.title,
        picture=media_path(facts.square_picture),
        price=facts.price,
        strike_price=facts.strike_price,
    )


def _link(public_id: str, code: str) -> str:
    path = f"/p/{public_id}"
    return with_share(path, code) if code else path


def others_than(product: Product, *, code: str, at: datetime) -> list[Item]:
    """Return other products on sale, those of the same category first."""
    rows = Product.objects.filter(status=Product.Status.ON_SALE).exclude(pk=product.pk)
    is_near = models.Case(
        models.When(category=product.category_id, then=0), default=1,
        output_field=models.SmallIntegerField(),
    )  # fmt: skip
    return items(list(rows.order_by(is_near, "-pk")[:SHOWN_OTHERS]), code=code, at=at)


def pictures_of(product: Product) -> list[str]:
    """Return the addresses of a product's stored pictures in their order."""
    rows = ProductPicture.objects.shown().filter(product=product)
    return [media_path(row.path) for row in rows]


def varieties_of(product: Product) -> list[Variety]:
    """Return the SKUs to choose from, the cheapest first; empty for a product with one."""
    skus = list(Sku.objects.filter(product=product).order_by("price", "code"))
    return [Variety(sku.variety or sku.code, sku.price) for sku in skus] if len(skus) > 1 else []


def buy_url(product: Product, *, code: str) -> str:
    """Return the address at which the mall sells a product; empty if the mall has named none.

    :param code: of the share by which the visitor came; may be empty
    """
    policy = LandingPolicy.objects.filter(kind=Share.Target.PRODUCT).first()
    if policy and policy.url.startswith(SAFE_SCHEMES):
        sku = Sku.objects.filter(product=product).order_by("price", "code").first()
        share = Share(code="", target_kind=Share.Target.PRODUCT, target_id=product.public_id)
        facts = TargetFacts(title=product.name, h5_path="", sku=sku.code if sku else "")
        return landing_by(policy, share, facts, code=code).url
    if not product.url.startswith(SAFE_SCHEMES):
        return ""
    return with_share(product.url, code) if code else product.url
