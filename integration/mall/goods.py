"""Import categories and products; the files take precedence over the stored catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common.errors import TwotierError
from integration.goods import (
    CREATED,
    UPDATED,
    CategoryReport,
    GoodsReport,
    save_categories,
    save_goods,
)
from integration.mall.files import Files


@dataclass(frozen=True, slots=True)
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

    :param at: the time recorded with each change
    :raises TwotierError: a category is refused
    """
    categories = save_categories(
        [CategoryReport(**row.pick("code", "name", "parent")) for row in files.categories.rows],
        at=at,
    )
    for outcome in categories:
        if isinstance(outcome, TwotierError):
            raise outcome
    goods = save_goods(
        [
            # An empty cost means that the file does not have it, so a stored cost stays.
            GoodsReport(**row.pick("sku", "name", "category", "price", "cost"))
            for row in files.products.rows
        ],
        at=at,
    )
    return CatalogImport(*_new_and_changed(goods), *_new_and_changed(categories))


def _new_and_changed(outcomes: Sequence[object]) -> tuple[int, int]:
    return outcomes.count(CREATED), outcomes.count(UPDATED)
