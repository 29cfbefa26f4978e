"""The mall's categories and products: the files are its own truth about them."""

from __future__ import annotations

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
    """How much came in, and how much of what was known has followed the files."""

    goods: int = 0
    goods_changed: int = 0
    categories: int = 0
    categories_changed: int = 0

    @property
    def has_changes(self) -> bool:
        return self != CatalogImport()


@transaction.atomic
def import_catalog(files: Files, *, at: datetime) -> CatalogImport:
    """Bring categories and products to what the files say; the same files again change nothing.

    An order keeps what was true when it was placed: no amount of it moves.

    :param at: when a change is recorded
    """
    done = CatalogImport()
    categories = _CategoryImport(files, done, at).sync()
    known = {sku.code: sku for sku in Sku.objects.select_related("product__category")}
    fresh: list[Row] = []
    for row in files.products.rows:
        if row["sku"] not in known:
            fresh.append(row)
        elif _update(known[row["sku"]], row, categories[row["category"]], at):
            done.goods_changed += 1
    products = Product.objects.bulk_create(
        Product(
            name=row["name"],
            category=categories[row["category"]],
            status=Product.Status.ON_SALE,
        )
        for row in fresh
    )
    Sku.objects.bulk_create(
        Sku(product=product, code=row["sku"], price=row["price"], cost=row["cost"])
        for product, row in zip(products, fresh, strict=True)
    )
    done.goods = len(fresh)
    return done


def _update(sku: Sku, row: Row, category: Category, at: datetime) -> bool:
    """Let goods that are known be as the row says; whether they were not."""
    product = sku.product
    before = {"sku": sku.code, "name": product.name, "category": product.category.code,
              "price": sku.price, "cost": sku.cost}  # fmt: skip
    # An empty cost says that the mall does not know it, not that nobody does.
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


class _CategoryImport:
    """Those above come first, so that a category never moves below itself on the way."""

    def __init__(self, files: Files, done: CatalogImport, at: datetime) -> None:
        self.rows: dict[str, Row] = {row["code"]: row for row in files.categories.rows}
        self.done, self.at = done, at
        self.by_code: dict[str, Category] = {}

    def sync(self) -> dict[str, Category]:
        # Before they are read: where one stands now decides how it is moved.
        lock_tree()
        self.known = {
            one.code: one
            for one in Category.objects.filter(code__in=self.rows).select_related("parent")
        }
        for code in self.rows:
            self._sync_category(code)
        return self.by_code

    def _sync_category(self, code: str) -> Category:
        if code not in self.by_code:
            row = self.rows[code]
            above = self._sync_category(row["parent"]) if row["parent"] else None
            known = self.known.get(code)
            if known is None:
                self.by_code[code] = Category.objects.create(
                    code=code, name=row["name"], parent=above
                )
                self.done.categories += 1
            else:
                self.by_code[code] = known
                self._update(known, row, above)
        return self.by_code[code]

    def _update(self, category: Category, row: Row, above: Category | None) -> None:
        before = _snapshot(category)
        if before == {"name": row["name"], "parent": row["parent"]}:
            return
        category.name, category.parent = row["name"], above
        category.save()
        self.done.categories_changed += 1
        record(
            INTEGRATION_CATEGORY_CHANGED, category,
            at=self.at, before=before, after=_snapshot(category),
        )  # fmt: skip


def _snapshot(category: Category) -> dict[str, Any]:
    return {"name": category.name, "parent": category.parent.code if category.parent else ""}
