"""The cells of a row as values: what is wrong with each, and the category that a text names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.import_cells import read_amount, read_choice, read_key
from backoffice.imports import Row, Text
from catalog.importing.columns import (
    CATEGORY,
    COST,
    KIND,
    NAME,
    PRICE,
    PRODUCT,
    SKU,
    STATUS,
    VARIETY,
)
from catalog.models import Category, Product, Sku
from common.errors import TwotierError

STEP = re.compile(r"\s*[/>›]\s*")
SEPARATOR = " / "
STATUS_WORDS = {"上架": "on_sale", "已上架": "on_sale", "下架": "off_sale"}

Parser = Callable[[str], Any]


class CategoryNotFound(TwotierError):
    code = "import_category_unknown"
    message = _("There is no category “%(text)s”. Create it first, or write its code.")
    status = 400


class CategoryAmbiguous(TwotierError):
    code = "import_category_ambiguous"
    message = _("Several categories are named “%(text)s”. Write the way from the top, or the code.")
    status = 400


@dataclass(slots=True)
class GivenRow:
    """What a row says: the values of its filled cells, and a sentence for each wrong one."""

    line: int
    sku: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, Text] = field(default_factory=dict)


class Categories:
    """All categories, found by code, by name, or by the way from the top."""

    def __init__(self) -> None:
        rows = Category.objects.order_by("tree_id", "lft")
        self._rows: dict[int, Category] = {row.pk: row for row in rows}
        self._by_code = {row.code: row for row in self._rows.values()}
        self._by_name: dict[str, list[Category]] = defaultdict(list)
        self._by_path: dict[str, list[Category]] = defaultdict(list)
        for row in self._rows.values():
            self._by_name[_plain(row.name)].append(row)
            self._by_path[_plain(self._path(row))].append(row)

    def find(self, text: str) -> Category:
        """:raises CategoryNotFound, CategoryAmbiguous: it names none, or several"""
        if text in self._by_code:
            return self._by_code[text]
        path = SEPARATOR.join(STEP.split(text.strip()))
        named = self._by_path.get(_plain(path)) or self._by_name.get(_plain(text)) or []
        if not named:
            raise CategoryNotFound(text=text[:80])
        if len(named) > 1:
            raise CategoryAmbiguous(text=text[:80])
        return named[0]

    def text(self, key: int) -> str:
        """Return how a file names a category: by the way from the top, or else by the code."""
        row = self._rows[key]
        path = self._path(row)
        try:
            is_clear = self.find(path) == row
        except TwotierError:
            is_clear = False
        return path if is_clear else row.code

    def _path(self, row: Category) -> str:
        names = [row.name]
        while row.parent_id and row.parent_id in self._rows:
            row = self._rows[row.parent_id]
            names.append(row.name)
        return SEPARATOR.join(reversed(names))


def read_cells(row: Row, categories: Categories) -> GivenRow:
    """Return the values of a row. An empty cell says nothing."""
    given = GivenRow(row.line, row.get(SKU))
    for column, parse in _parsers(categories).items():
        text = row.get(column)
        if not text:
            continue
        try:
            given.values[column] = parse(text)
        except TwotierError as error:
            given.problems[column] = error
    return given


def shown(column: str, value: Any, categories: Categories) -> Text:
    """Return a stored value as a file has it."""
    if value is None:
        return ""
    if column in (PRICE, COST):
        return f"{value // 100}.{value % 100:02}"
    if column == KIND:
        return Sku.Kind(value).label
    if column == STATUS:
        return Product.Status(value).label
    return categories.text(value) if column == CATEGORY else str(value)


def _parsers(categories: Categories) -> Mapping[str, Parser]:
    return {
        SKU: read_key,
        NAME: str,
        CATEGORY: lambda text: categories.find(text).pk,
        VARIETY: str,
        KIND: partial(read_choice, choices=Sku.Kind.choices),
        PRICE: read_amount,
        COST: read_amount,
        STATUS: partial(read_choice, choices=Product.Status.choices, other_words=STATUS_WORDS),
        PRODUCT: lambda text: read_key(text).lower(),
    }


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
