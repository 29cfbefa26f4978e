"""The kinds of targets that live in rooms below: products, home pages, recruiting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.conf import settings
from django.db.models import Min
from django.utils.translation import gettext as _

from catalog.models import Product, Sku
from catalog.queries import ProductFacts, picture_url, product_facts
from distribution.models import Distributor
from members.avatars import avatar_url
from sharing import targets
from sharing.models import Share
from sharing.targets import TargetFacts


def register_kinds() -> None:
    """Register the resolvers; called once the apps are loaded."""
    targets.register(Share.Target.PRODUCT, find_product, find_many=find_products)
    targets.register(Share.Target.HOME, find_home, find_many=find_homes)
    targets.register(Share.Target.RECRUIT, find_recruiting)


def find_product(public_id: str, at: datetime) -> TargetFacts | None:
    return find_products([public_id], at).get(public_id)


def find_products(ids: Collection[str], at: datetime) -> Mapping[str, TargetFacts]:
    rows = Product.objects.filter(public_id__in=list(ids), status=Product.Status.ON_SALE)
    facts = product_facts(rows, at=at)
    skus = first_skus(facts)
    return {row.public_id: _product(row, skus.get(key, "")) for key, row in facts.items()}


def _product(row: ProductFacts, sku: str) -> TargetFacts:
    return TargetFacts(
        title=row.title,
        h5_path=f"/p/{row.public_id}",
        picture_url=picture_url(row.picture),
        square_picture_url=picture_url(row.square_picture),
        chat_picture_url=picture_url(row.chat_picture),
        mini_path=row.mini_path,
        sku=sku,
    )


def first_skus(products: Iterable[int]) -> dict[int, str]:
    """Return the first SKU code of products, by key."""
    skus = Sku.objects.filter(product__in=list(products)).values("product")
    rows = skus.annotate(first=Min("code")).order_by()
    return dict(rows.values_list("product", "first"))


def find_home(code: str, at: datetime) -> TargetFacts | None:
    return find_homes([code], at).get(code)


def find_homes(codes: Collection[str], _at: datetime) -> Mapping[str, TargetFacts]:
    rows = Distributor.objects.filter(code__in=list(codes), status=Distributor.Status.ACTIVE)
    facts = {}
    for row in rows.select_related("member", "home"):
        picture = avatar_url(row.member)
        home = getattr(row, "home", None)
        facts[row.code] = TargetFacts(
            title=_("%(name)s recommends") % {"name": row.member.nickname or settings.BRAND_NAME},
            description=home.line if home else "",
            picture_url=picture,
            square_picture_url=picture,
            h5_path=f"/u/{row.code}",
        )
    return facts


def find_recruiting(public_id: str, _at: datetime) -> TargetFacts | None:
    if public_id:  # there is but one page, which has no id
        return None
    return TargetFacts(
        title=_("Become a distributor of %(shop)s") % {"shop": settings.BRAND_NAME},
        description=_("Share what you like, and earn when friends buy."),
        h5_path="/join",
    )
