"""Save categories and products as the mall reports them, one by one or in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from catalog.category_tree import CategoryBelowItself
from catalog.models import Category, Product, Sku, lock_tree
from catalog.picture_lists import sync_pictures
from common.errors import TwotierError
from events.services import record
from integration.events import INTEGRATION_CATEGORY_CHANGED, INTEGRATION_GOODS_CHANGED

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"

SKU_FIELDS = ("price", "cost", "original_price")
PRODUCT_FIELDS = ("name", "images", "url", "mini_path")


class CategoryUnknown(TwotierError):
    code = "category_unknown"
    message = _("There is no category “%(category)s”. Send it first, or with the same request.")
    status = 422


@dataclass(frozen=True, slots=True)
class CategoryReport:
    """``parent``: the code of the parent; ``""``: it has none; ``None``: as stored."""

    code: str
    name: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class GoodsReport:
    """A product with one SKU; prices in fen. ``None``: not reported, what is stored stays."""

    sku: str
    name: str
    category: str
    """The code. An unknown one becomes a category at the top, with its code as name."""
    price: int
    cost: int | None = None
    original_price: int | None = None
    images: list[str] | None = None
    url: str | None = None
    mini_path: str | None = None
    on_sale: bool | None = None


@transaction.atomic
def save_categories(
    reports: Sequence[CategoryReport], *, at: datetime, by: models.Model | None = None
) -> list[str | TwotierError]:
    """Create and update categories; parents may come after their children.

    :returns: for each report created, updated or unchanged; or why it was refused:
        ``CategoryUnknown``, ``CategoryBelowItself``
    """
    # Lock before reading: the present place of a category decides how it is moved.
    lock_tree()
    codes = {code for row in reports for code in (row.code, row.parent) if code}
    stored = Category.objects.filter(code__in=codes).select_related("parent")
    categories = {category.code: category for category in stored}
    outcomes: dict[int, str | TwotierError] = {}
    for place in _parents_first(reports):
        try:
            outcomes[place] = _save_category(reports[place], categories, at, by)
        except TwotierError as error:
            outcomes[place] = error
    return [outcomes[place] for place in range(len(reports))]


def _parents_first(reports: Sequence[CategoryReport]) -> Iterator[int]:
    """Yield the places so that no category is moved below itself on the way.

    Reports of one category stay in their order; a circle comes last.
    """
    remaining = list(range(len(reports)))
    while remaining:
        codes = {reports[place].code for place in remaining}
        ready: list[int] = []
        seen: set[str] = set()
        for place in remaining:
            row = reports[place]
            if row.code not in seen and row.parent not in codes:
                ready.append(place)
            seen.add(row.code)
        ready = ready or remaining
        yield from ready
        remaining = [place for place in remaining if place not in ready]


def _save_category(
    row: CategoryReport,
    categories: dict[str, Category],
    at: datetime,
    by: models.Model | None,
) -> str:
    if row.parent and row.parent not in categories:
        raise CategoryUnknown(category=row.parent)
    parent = categories[row.parent] if row.parent else None
    category = categories.get(row.code)
    if category is None:
        categories[row.code] = Category.objects.create(code=row.code, name=row.name, parent=parent)
        return CREATED
    before = _category_state(category)
    if row.parent is None:
        parent = category.parent
    if (category.name, category.parent) == (row.name, parent):
        return UNCHANGED
    if parent and category.parent != parent:
        _require_not_below(category, parent)
    category.name, category.parent = row.name, parent
    category.save()
    record(
        INTEGRATION_CATEGORY_CHANGED, category, at=at, by=by, before=before,
        after=_category_state(category),
    )  # fmt: skip
    return UPDATED


def _require_not_below(category: Category, parent: Category) -> None:
    # Read again: moves before this one have renumbered the tree.
    for row in (category, parent):
        row.refresh_from_db(fields=["lft", "rght", "tree_id", "level"])
    if parent.is_descendant_of(category, include_self=True):
        raise CategoryBelowItself(category=category.code)


def _category_state(category: Category) -> dict[str, Any]:
    return {"name": category.name, "parent": category.parent.code if category.parent else ""}


@transaction.atomic
def save_goods(
    reports: Sequence[GoodsReport], *, at: datetime, by: models.Model | None = None
) -> list[str]:
    """Create and update products with their SKUs; a report of the same SKU again counts after it.

    Orders keep their data of placement, so no amount of theirs changes.

    :returns: for each report created, updated or unchanged
    """
    # The lock also serializes reports of the same new SKU.
    lock_tree()
    categories = _get_or_create_categories({row.category for row in reports})
    batch = _Goods(reports, categories)
    outcomes = [batch.take(row) for row in reports]
    batch.save(at=at, by=by)
    return outcomes


def _get_or_create_categories(codes: set[str]) -> dict[str, Category]:
    categories = {row.code: row for row in Category.objects.filter(code__in=codes)}
    for code in sorted(codes - set(categories)):
        categories[code] = Category.objects.create(code=code, name=code)
    return categories


class _Goods:
    """The SKUs of a batch while reports are applied to them in memory."""

    def __init__(self, reports: Sequence[GoodsReport], categories: dict[str, Category]) -> None:
        self._categories = categories
        stored = Sku.objects.filter(code__in={row.sku for row in reports})
        self._skus = {sku.code: sku for sku in stored.select_related("product__category")}
        products: dict[int, Product] = {}
        for sku in self._skus.values():  # the SKUs of one product share its object
            sku.product = products.setdefault(sku.product_id, sku.product)
        self._new: list[Sku] = []
        self._before: dict[str, dict[str, Any]] = {}

    def take(self, row: GoodsReport) -> str:
        sku = self._skus.get(row.sku)
        if sku is None:
            sku = Sku(code=row.sku, product=Product(status=Product.Status.ON_SALE))
            self._skus[row.sku] = sku
            self._new.append(sku)
            self._apply(row, sku)
            return CREATED
        before = _goods_state(sku)
        self._apply(row, sku)
        if _goods_state(sku) == before:
            return UNCHANGED
        if sku.pk:
            self._before.setdefault(sku.code, before)
        return UPDATED

    def _apply(self, row: GoodsReport, sku: Sku) -> None:
        product = sku.product
        product.category = self._categories[row.category]
        for target, names in ((sku, SKU_FIELDS), (product, PRODUCT_FIELDS)):
            for name in names:
                if (value := getattr(row, name)) is not None:
                    setattr(target, name, value)
        if row.on_sale:
            product.status = Product.Status.ON_SALE
        elif row.on_sale is False and product.status == Product.Status.ON_SALE:
            # One that was never on sale stays a draft.
            product.status = Product.Status.OFF_SALE if product.pk else Product.Status.DRAFT

    def save(self, *, at: datetime, by: models.Model | None) -> None:
        Product.objects.bulk_create([sku.product for sku in self._new])
        Sku.objects.bulk_create(self._new)
        changed = [self._skus[code] for code in self._before]
        new_pictures = [sku.product for sku in self._new if sku.product.images]
        new_pictures += [
            sku.product for sku in changed if self._before[sku.code]["images"] != sku.product.images
        ]
        self._save_changed(changed, at=at, by=by)
        sync_pictures(new_pictures, at=at, by=by)

    def _save_changed(self, changed: list[Sku], *, at: datetime, by: models.Model | None) -> None:
        if not changed:
            return
        products = {sku.product_id: sku.product for sku in changed}
        Product.objects.bulk_update(products.values(), ["category", "status", *PRODUCT_FIELDS])
        Sku.objects.bulk_update(changed, SKU_FIELDS)
        for sku in changed:
            record(
                INTEGRATION_GOODS_CHANGED, sku.product, at=at, by=by,
                before=self._before[sku.code], after=_goods_state(sku),
            )  # fmt: skip


def _goods_state(sku: Sku) -> dict[str, Any]:
    product = sku.product
    return {
        "sku": sku.code,
        "category": product.category.code,
        "on_sale": product.status == Product.Status.ON_SALE,
        **{name: getattr(sku, name) for name in SKU_FIELDS},
        **{name: getattr(product, name) for name in PRODUCT_FIELDS},
    }
