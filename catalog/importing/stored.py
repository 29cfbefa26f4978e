"""What is stored of products, in the columns of the import."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backoffice import export_tables
from backoffice.export_tables import Table, TableSource
from backoffice.sheets import Cell, Yuan
from catalog.importing.cells import Categories
from catalog.importing.columns import COLUMNS
from catalog.models import Sku

LABEL = "catalog.sku"
TITLE = _("Products with SKUs")
CHUNK = 500


def open_goods(_query: QueryDict) -> Table:
    return Table(str(TITLE), [_capitalised(str(column.title)) for column in COLUMNS], _rows())


def count_goods(_query: QueryDict) -> int:
    return Sku.objects.count()


def _rows() -> Iterator[list[Cell]]:
    categories = Categories()
    skus = Sku.objects.select_related("product").order_by("product_id", "code")
    for sku in skus.iterator(chunk_size=CHUNK):
        product = sku.product
        yield [
            sku.code, product.name, categories.text(product.category_id), sku.variety,
            sku.get_kind_display(), Yuan(sku.price), None if sku.cost is None else Yuan(sku.cost),
            product.get_status_display(), product.public_id,
        ]  # fmt: skip


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


export_tables.register(TableSource(LABEL, TITLE, open_goods, count_goods))
