"""Put together what lists and pages show of products, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from catalog.models import Product, ProductPicture, Sku
from catalog.queries import picture_url, product_facts
from commissions.potential import potential_earnings
from members.models import Member
from sharing.cards import ready_card
from sharing.targets import Target

IOS, ANDROID, WEB = PLATFORMS = ("ios", "android", "web")
"""The mini-program on iOS and on Android, and pages in a browser."""


def product_rows(
    products: Sequence[Product], *, member: Member | None, at: datetime
) -> list[dict[str, Any]]:
    """Return what a list shows of products.

    :param member: sees their own commission; ``None``: nobody's
    """
    facts = product_facts(products, at=at)
    skus: dict[int, list[Sku]] = {product.pk: [] for product in products}
    for sku in Sku.objects.filter(product__in=products).order_by("price", "code"):
        skus[sku.product_id].append(sku)
    earnings = potential_earnings(products, member=member, at=at) if member else {}
    rows = []
    for product in products:
        row = asdict(facts[product.pk])
        for name in ("picture", "square_picture", "chat_picture"):
            row[name] = picture_url(row[name])
        row |= {"category": product.category, "skus": skus[product.pk]}
        row["purchasable_on"] = purchasable_on(skus[product.pk])
        if product.pk in earnings:
            row["my_commission"] = earnings[product.pk]
        rows.append(row)
    return rows


def product_page(
    product: Product, *, reader: Member | None, sharer: Member | None, at: datetime
) -> dict[str, Any]:
    """Return what the page of a product shows.

    :param sharer: gets a ready card; nothing is written
    """
    [page] = product_rows([product], member=reader, at=at)
    pictures = ProductPicture.objects.shown().filter(product=product)
    page["pictures"] = [
        {"url": picture_url(row.path), "width": row.width, "height": row.height} for row in pictures
    ]
    page["skus"] = [
        {
            "code": sku.code, "variety": sku.variety, "kind": sku.kind, "price": sku.price,
            "purchasable_on": purchasable_on([sku]),
        }
        for sku in page["skus"]
    ]  # fmt: skip
    if sharer and (card := ready_card(sharer, Target("product", product.public_id), at)):
        page["share"] = card
    return page


def purchasable_on(skus: Iterable[Sku]) -> list[str]:
    """Return where at least one of these SKUs can be bought.

    WeChat forbids mini-programs on iOS to sell virtual goods.
    """
    kinds = {sku.kind for sku in skus}
    if Sku.Kind.PHYSICAL in kinds:
        return [IOS, ANDROID, WEB]
    return [ANDROID, WEB] if kinds else []
