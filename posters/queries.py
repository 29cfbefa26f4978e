"""Read templates and posters for clients."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Case, IntegerField, QuerySet, Value, When

from catalog.facts import product_facts
from catalog.models import Product
from posters.models import Poster, PosterTemplate
from sharing.targets import Target

KIND_OF_TARGET = {
    "product": PosterTemplate.Kind.PRODUCT,
    "home": PosterTemplate.Kind.HOME,
    "recruit": PosterTemplate.Kind.RECRUIT,
}
"""The kinds of targets that have posters."""


def templates_for(target: Target, *, at: datetime) -> QuerySet[PosterTemplate]:
    """Return the templates that a member may choose for a target, the most suitable first.

    Templates of the product's industry come first, then those for any industry, then the others.
    """
    kind = KIND_OF_TARGET.get(target.kind)
    offered = PosterTemplate.objects.offered().filter(kind=kind).select_related("current_version")
    industry = industry_of(target, at=at)
    rank = Case(
        When(industry=industry, then=Value(0)) if industry else When(industry="", then=Value(0)),
        When(industry="", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return offered.annotate(rank=rank).order_by("rank", "sort", "pk")


def choose_template(target: Target, *, at: datetime, template: str = "") -> PosterTemplate | None:
    """Return the offered template with a public id, or without an id the most suitable one."""
    rows = templates_for(target, at=at)
    return (rows.filter(public_id=template) if template else rows).first()


def industry_of(target: Target, *, at: datetime) -> str:
    """Return the industry of a target's product, empty if it has none."""
    if target.kind != "product":
        return ""
    product = Product.objects.filter(public_id=target.id).first()
    return product_facts([product], at=at)[product.pk].industry if product else ""


def shown(poster: Poster) -> Poster:
    """Return the poster, or the one that has replaced it and is ready."""
    later = poster.replaced_by
    return later if later and later.status == Poster.Status.READY else poster
