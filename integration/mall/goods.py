"""Import categories and products; the files take precedence over the stored catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.models import Category, Product, Sku, lock_tree
from events.services import record
from integration.events import INTEGRATION_CATEGORY_CHANGED, INTEGRATION_GOODS_CHANGED
from integration.mall.files import Files
from integration.mall.sheets import Row


@dataclass(slots=True)
class CatalogImport:
    """Counts of new and changed rows."""

    goods: int = 0
    goods_changed: int = 0
    categories: int = 0
    categories_changed: int = 0

    @property
    def has_changes(self) -> bool:
        return self != CatalogImport()


@transaction.atomic
def import_catalog(files: Files, *, at: datetime) -> CatalogImport:
    """Update categories and products from the files; idempotent.

    Orders keep their data of placement, so no amount of theirs changes.

    :param at: the time recorded with each change
    """
    counts = CatalogImport()
    categories = _import_categories(files, counts, at)
    stored = {sku.code: sku for sku in Sku.objects.select_related("product__category")}
    new_rows: list[Row] = []
    for row in files.products.rows:
        if row["sku"] not in stored:
            new_rows.append(row)
        elif _update_goods(stored[row["sku"]], row, categories[row["category"]], at):
            counts.goods_changed += 1
    products = Product.objects.bulk_create(
        Product(
            name=row["name"],
            category=categories[row["category"]],
            status=Product.Status.ON_SALE,
        )
        for row in new_rows
    )
    Sku.objects.bulk_create(
        Sku(product=product, code=row["sku"], price=row["price"], cost=row["cost"])
        for product, row in zip(products, new_rows, strict=True)
    )
    counts.goods = len(new_rows)
    return counts


def _update_goods(sku: Sku, row: Row, category: Category, at: datetime) -> bool:
    """Update stored goods from a row; return whether anything changed."""
    product = sku.product
    before = {"sku": sku.code, "name": product.name, "category": product.category.code,
              "price": sku.price, "cost": sku.cost}  # fmt: skip
    # An empty cost means that the file does not have it, so a stored cost stays.
    cost = sku.cost if row["cost"] is None else row["cost"]
    after = {"sku": sku.code, "name": row["name"], "category": category.code,
             "price": row["price"], "cost": cost}  # fmt: skip
    if before == after:
        return False
    if (sku.price, sku.cost) != (row["price"], cost):
        sku.price, sku.cost = row["price"], cost
        sku.save(update_fields=["price", "cost"])
    if (product.name, product.category_id) != (row["name"], category.pk):
        product.name, product.category = row["name"], category
        product.save(update_fields=["name", "category"])
    record(INTEGRATION_GOODS_CHANGED, product, at=at, before=before, after=after)
    return True


def _import_categories(files: Files, counts: CatalogImport, at: datetime) -> dict[str, Category]:
    # Lock before reading: the present place of a category decides how it is moved.
    lock_tree()
    rows: dict[str, Row] = {row["code"]: row for row in files.categories.rows}
    stored = Category.objects.filter(code__in=rows).select_related("parent")
    categories = {category.code: category for category in stored}
    for row in _parents_first(rows):
        parent = categories[row["parent"]] if row["parent"] else None
        category = categories.get(row["code"])
        if category is None:
            categories[row["code"]] = Category.objects.create(
                code=row["code"], name=row["name"], parent=parent
            )
            counts.categories += 1
        elif _update_category(category, row, parent, at):
            counts.categories_changed += 1
    return categories


def _parents_first(rows: dict[str, Row]) -> Iterator[Row]:
    """Order the rows so that no category is ever moved below itself."""
    remaining = dict(rows)
    while remaining:
        for code, row in list(remaining.items()):
            if row["parent"] not in remaining:
                yield remaining.pop(code)


def _update_category(category: Category, row: Row, parent: Category | None, at: datetime) -> bool:
    """Update a stored category from a row; return whether anything changed."""
    before = _snapshot(category)
    if before == {"name": row["name"], "parent": row["parent"]}:
        return False
    category.name, category.parent = row["name"], parent
    category.save()
    record(INTEGRATION_CATEGORY_CHANGED, category, at=at, before=before, after=_snapshot(category))
    return True


def _snapshot(category: Category) -> dict[str, Any]:
    return {"name": category.name, "parent": category.parent.code if category.parent else ""}
