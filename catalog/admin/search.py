"""What the palette and the pickers find of the catalogue."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice import site_search
from backoffice.site_search import Hit, SearchSource
from catalog.models import Category, Product, Sku
from common.money import yuan_text

PRODUCTS, SKUS, CATEGORIES = "products", "skus", "categories"
VIEW = "catalog.view_product"


def find_products(term: str, limit: int) -> list[Hit]:
    """Find products by words of the name, by the beginning of a SKU's code, or by their id."""
    found = Product.objects.search(term).values("pk")
    rows = Product.objects.filter(Q(pk__in=found) | Q(public_id=term.lower()))
    return [
        Hit(
            product.name,
            f"{product.category} · {product.get_status_display()}",
            reverse("admin:catalog_product_change", args=[product.pk]),
            product.public_id,
        )
        for product in rows.select_related("category").order_by("name", "-pk")[:limit]
    ]


def find_skus(term: str, limit: int) -> list[Hit]:
    """Find SKUs for pickers, by the beginning of the code or by words of the product's name."""
    names = Q()
    for word in term.split():
        names &= Q(product__name__icontains=word) | Q(variety__icontains=word)
    rows = Sku.objects.filter(Q(code__istartswith=term) | names).select_related("product")
    return [
        Hit(
            " ".join(filter(None, [sku.product.name, sku.variety])),
            f"{sku.code} · {yuan_text(sku.price)}",
            reverse("admin:catalog_product_change", args=[sku.product_id]),
            sku.code,
        )
        for sku in rows.order_by("product__name", "code")[:limit]
    ]


def find_categories(term: str, limit: int) -> list[Hit]:
    """Find categories for pickers, by name or code."""
    rows = Category.objects.filter(Q(name__icontains=term) | Q(code__istartswith=term))
    return [
        Hit(
            category.name,
            f"{category.parent} · {category.code}" if category.parent else category.code,
            reverse("admin:catalog_category_change", args=[category.pk]),
            category.code,
        )
        for category in rows.select_related("parent").order_by("name", "code")[:limit]
    ]


site_search.register(SearchSource(PRODUCTS, _("products"), VIEW, "inventory_2", find_products))
site_search.register(SearchSource(SKUS, _("SKUs"), VIEW, "barcode", find_skus, in_palette=False))
site_search.register(
    SearchSource(
        CATEGORIES, _("categories"), "catalog.view_category", "category", find_categories,
        in_palette=False,
    )
)  # fmt: skip
