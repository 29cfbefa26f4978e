"""Find SKUs while a person types: by words of the product, the variety or the start of the code."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.site_search import Hit, SearchSource
from catalog.models import Sku
from common.money import format_yuan

SEARCH = "skus"


def find_skus(term: str, limit: int) -> list[Hit]:
    """Find SKUs; their value is the code, whatever its case."""
    named = Q()
    for word in term.split():
        named &= Q(product__name__icontains=word) | Q(variety__icontains=word)
    rows = Sku.objects.filter(named | Q(code__istartswith=term)).select_related("product")
    return [
        Hit(
            f"{sku.product.name} {sku.variety}".strip(),
            f"{sku.code} · ¥{format_yuan(sku.price)}",
            reverse("admin:catalog_product_change", args=[sku.product_id]),
            sku.code,
        )
        for sku in rows.order_by("product__name", "code")[:limit]
    ]


site_search.register(
    SearchSource(SEARCH, _("SKUs"), "catalog.view_product", "sell", find_skus, in_palette=False)
)
