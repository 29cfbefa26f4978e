"""Resolve shares of materials: they open the product, with the picture of the material."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from catalog.models import Product
from materials.addresses import card_url
from materials.models import Material, MaterialFile
from materials.queries import with_files
from sharing.models import Share
from sharing.targets import TargetFacts, register

MAX_DESCRIPTION = 60
Variant = MaterialFile.Variant


def register_kind() -> None:
    """Register the resolver; called once the apps are loaded."""
    register(Share.Target.MATERIAL, find_material, find_many=find_materials)


def find_material(public_id: str, at: datetime) -> TargetFacts | None:
    return find_materials([public_id], at).get(public_id)


def find_materials(ids: Collection[str], at: datetime) -> Mapping[str, TargetFacts]:
    """Return the facts of published materials that belong to a product.

    A material without a product leads nowhere, so it cannot be shared as a link. The level of the
    visitor does not matter: materials exist to be forwarded.
    """
    published = Material.objects.filter(status=Material.Status.PUBLISHED, public_id__in=list(ids))
    rows = with_files(published.in_season(at).exclude(product=None))
    return {
        row.public_id: _facts(row, row.product)
        for row in rows.prefetch_related("product__skus")
        if row.product
    }


def _facts(material: Material, product: Product) -> TargetFacts:
    files: list[MaterialFile] = material.stored_files  # type: ignore[attr-defined]  # prefetched
    picture = next((file for file in files if file.is_picture), None)
    sku = next(iter(product.skus.all()), None)
    return TargetFacts(
        title=material.title,
        description=" ".join(material.text.split())[:MAX_DESCRIPTION],
        h5_path=f"/p/{product.public_id}",
        mini_path=product.mini_path,
        picture_url=card_url(picture, Variant.CHAT) if picture else "",
        chat_picture_url=card_url(picture, Variant.CHAT) if picture else "",
        square_picture_url=card_url(picture, Variant.SQUARE) if picture else "",
        sku=sku.code if sku else "",
    )
