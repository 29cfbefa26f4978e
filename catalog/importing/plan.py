"""Find out what a file of products would change: which SKU belongs to which product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.imports import Row, Sentence
from catalog.importing.cells import Categories, GivenRow, read_cells
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
from catalog.models import Product, Sku

OF_PRODUCT = {NAME: "name", CATEGORY: "category_id", STATUS: "status"}
OF_SKU = {VARIETY: "variety", KIND: "kind", PRICE: "price", COST: "cost"}
"""The columns of each, and the attributes that they set."""
Status = Product.Status


@dataclass(slots=True)
class PlannedProduct:
    """A product with what its rows say; ``stored`` is empty for a new one."""

    stored: Product | None
    rows: list[PlannedRow] = field(default_factory=list)

    @property
    def values(self) -> dict[str, Any]:
        """What the rows say about the product; of two that disagree, the first."""
        values: dict[str, Any] = {}
        for row in self.rows:
            for column in OF_PRODUCT:
                if column in row.given.values:
                    values.setdefault(column, row.given.values[column])
        return values

    def changes(self) -> dict[str, Any]:
        """Return what differs from what is stored, by column."""
        return _changes(self.stored, OF_PRODUCT, self.values)

    @property
    def is_touched(self) -> bool:
        """Whether anything of it or of its SKUs changes."""
        return bool(self.changes()) or any(row.stored is None or row.changes() for row in self.rows)


@dataclass(slots=True)
class PlannedRow:
    """A row with its SKU; ``stored`` is empty for a new one."""

    given: GivenRow
    stored: Sku | None
    product: PlannedProduct | None = None

    def changes(self) -> dict[str, Any]:
        return _changes(self.stored, OF_SKU, self.given.values)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change.

    :param given: all rows in their order, with what is wrong with them
    :param rows: the right ones by line; the others are as if they were not in the file
    """

    given: list[GivenRow]
    rows: dict[int, PlannedRow]
    products: list[PlannedProduct]
    categories: Categories


def plan_rows(rows: Sequence[Row]) -> Plan:
    """Read the rows, find their products, and note what is wrong with each."""
    categories = Categories()
    given = [read_cells(row, categories) for row in rows]
    stored = _stored_skus(given)
    _note_repeated(given)
    while True:
        right = [row for row in given if not row.problems]
        planned = [PlannedRow(row, stored.get(row.sku)) for row in right]
        products = _plan_products(planned)
        # A row that has turned out wrong is left out, and may have named the product of another.
        if not any(row.problems for row in right):
            return Plan(given, {row.given.line: row for row in planned}, products, categories)


def _plan_products(rows: Sequence[PlannedRow]) -> list[PlannedProduct]:
    """Find the products of rows, and note what the rows say wrong about them."""
    products = _Products(rows).products()
    for product in products:
        _note_disagreements(product)
        _note_status(product)
        if product.stored is None:
            _note_missing(product)
    return products


class _Products:
    """Finds the product of each row: that of its SKU, the one with its id, or one of its name."""

    def __init__(self, rows: Sequence[PlannedRow]) -> None:
        self._rows = rows
        self._planned: dict[int, PlannedProduct] = {}
        self._by_name: dict[str, PlannedProduct] = {}
        self._by_id = _by_id(rows)
        self._stored_names = _by_names(rows)

    def products(self) -> list[PlannedProduct]:
        """Return the products with their rows; a row without a product has a problem."""
        new = [row for row in self._rows if not self._join_known(row)]
        for row in new:
            self._join_by_name(row)
        found = {id(row.product): row.product for row in self._rows if row.product}
        return list(found.values())

    def _join_known(self, row: PlannedRow) -> bool:
        """Let a row join the product of its SKU or of its id; return whether it has either."""
        asked = row.given.values.get(PRODUCT)
        if row.stored is not None:
            product = row.stored.product
            if asked and asked != product.public_id:
                row.given.problems[PRODUCT] = Sentence(
                    _("This SKU belongs to “%(product)s” and cannot move to another product."),
                    {"product": product.name},
                )
        elif asked:
            if asked not in self._by_id:
                row.given.problems[PRODUCT] = _("There is no product with this id.")
                return True
            product = self._by_id[asked]
        else:
            return False
        self._join(row, self._planned.setdefault(product.pk, PlannedProduct(product)))
        return True

    def _join_by_name(self, row: PlannedRow) -> None:
        name = row.given.values.get(NAME)
        if name is None:
            return
        planned, stored = self._by_name.get(name), self._stored_names.get(name, [])
        if planned is None and len(stored) > 1:
            row.given.problems[PRODUCT] = Sentence(
                _("Several products are named “%(name)s”. Write the id of the one you mean."),
                {"name": name},
            )
            return
        if planned is None and stored:
            planned = self._planned.setdefault(stored[0].pk, PlannedProduct(stored[0]))
        self._join(row, planned or PlannedProduct(None))

    def _join(self, row: PlannedRow, product: PlannedProduct) -> None:
        row.product = product
        product.rows.append(row)
        if name := row.given.values.get(NAME):
            self._by_name.setdefault(name, product)


def _stored_skus(rows: Iterable[GivenRow]) -> dict[str, Sku]:
    skus = Sku.objects.filter(code__in={row.sku for row in rows}).select_related("product")
    stored = {sku.code: sku for sku in skus}
    products: dict[int, Product] = {}
    for sku in stored.values():  # the SKUs of one product share its object
        sku.product = products.setdefault(sku.product_id, sku.product)
    return stored


def _by_id(rows: Iterable[PlannedRow]) -> dict[str, Product]:
    asked = {row.given.values[PRODUCT] for row in rows if PRODUCT in row.given.values}
    known = {row.stored.product.pk: row.stored.product for row in rows if row.stored}
    found = Product.objects.filter(public_id__in=asked)
    return {product.public_id: known.get(product.pk, product) for product in found}


def _by_names(rows: Iterable[PlannedRow]) -> dict[str, list[Product]]:
    names = {
        row.given.values[NAME]
        for row in rows
        if NAME in row.given.values and row.stored is None and PRODUCT not in row.given.values
    }
    by_name: dict[str, list[Product]] = defaultdict(list)
    for product in Product.objects.filter(name__in=names).order_by("pk"):
        by_name[product.name].append(product)
    return by_name


def _changes(
    stored: Product | Sku | None, columns: dict[str, str], values: dict[str, Any]
) -> dict[str, Any]:
    return {
        column: values[column]
        for column, attribute in columns.items()
        if column in values and (stored is None or getattr(stored, attribute) != values[column])
    }


def _note_repeated(rows: Iterable[GivenRow]) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        first = lines.setdefault(row.sku, row.line)
        if first != row.line:
            row.problems[SKU] = Sentence(_("Line %(line)s has this SKU too."), {"line": first})


def _note_disagreements(product: PlannedProduct) -> None:
    """Note where two rows of a product say different things about it."""
    first: dict[str, GivenRow] = {}
    for row in product.rows:
        for column in OF_PRODUCT:
            if column not in row.given.values:
                continue
            other = first.setdefault(column, row.given)
            if other.values[column] != row.given.values[column]:
                row.given.problems[column] = Sentence(
                    _("Line %(line)s says something else about the same product."),
                    {"line": other.line},
                )


def _note_status(product: PlannedProduct) -> None:
    """Note a status that the product cannot get."""
    wanted = product.values.get(STATUS)
    before = product.stored.status if product.stored else Status.DRAFT
    if wanted in (None, before) or before in Product.COMES_FROM.get(wanted, ()):
        return
    problem = (
        _("It was on sale before, so it cannot be a draft again. Take it off sale instead.")
        if wanted == Status.DRAFT
        else _("It was never on sale, so it cannot be taken off sale. Make it a draft.")
    )
    for row in product.rows:
        if STATUS in row.given.values:
            row.given.problems.setdefault(STATUS, problem)


def _note_missing(product: PlannedProduct) -> None:
    if CATEGORY in product.values:
        return
    for row in product.rows:
        row.given.problems.setdefault(CATEGORY, _("A new product needs a category."))
