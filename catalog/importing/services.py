"""Check a file of products, and apply it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.db import transaction
from django.utils.translation import gettext_noop

from backoffice.imports import Finding, Outcome, Row, RowRefused, changed, wrong
from catalog.importing.cells import Categories, shown
from catalog.importing.columns import NAME, PRODUCT, SKU, STATUS
from catalog.importing.plan import (
    OF_PRODUCT,
    OF_SKU,
    PlannedProduct,
    PlannedRow,
    plan_rows,
)
from catalog.models import Product, Sku, lock_tree
from catalog.services import put_on_sale, take_off_sale
from common.locks import lock_rows
from members.models import User

REPORTED_EVERY = 500
BY_IMPORT = gettext_noop("Changed by an imported file.")
Status = Product.Status


def check_goods(
    rows: Sequence[Row],
    *,
    at: datetime,  # noqa: ARG001 - nothing of a product depends on the time
    progress: Callable[[int], object],
) -> list[Finding]:
    """Return what each row would change, or what is wrong with it; write nothing."""
    plan = plan_rows(rows)
    findings = []
    for count, given in enumerate(plan.given, start=1):
        row = plan.rows.get(given.line)
        findings.append(_finding(row, plan.categories) if row else wrong(given.problems))
        if count % REPORTED_EVERY == 0:
            progress(count)
    return findings


def lock_goods(rows: Sequence[Row]) -> None:
    """Lock what the check reads about these rows: categories, products and SKUs."""
    # The lock of the tree also keeps the mall's reports of the same goods waiting.
    lock_tree()
    codes = {row.get(SKU) for row in rows}
    names, ids = {row.get(NAME) for row in rows}, {row.get(PRODUCT).lower() for row in rows}
    skus = Sku.objects.filter(code__in=codes)
    products = set(skus.values_list("product", flat=True))
    products |= set(Product.objects.filter(name__in=names).values_list("pk", flat=True))
    products |= set(Product.objects.filter(public_id__in=ids).values_list("pk", flat=True))
    lock_rows(Product.objects.filter(pk__in=products))
    lock_rows(skus)


@transaction.atomic
def apply_goods(rows: Sequence[Row], *, by: User, at: datetime) -> None:
    """Create and change the products and SKUs of rows; all or none.

    The caller holds the locks of ``lock_goods``.

    :raises RowRefused: a row is wrong
    """
    plan = plan_rows(rows)
    for row in plan.given:
        if row.problems:
            raise RowRefused(line=row.line, reason=next(iter(row.problems.values())))
    new = [product for product in plan.products if product.stored is None]
    touched = [product for product in plan.products if product.stored and product.is_touched]
    _create_products(new)
    _change_products(touched)
    _save_skus(list(plan.rows.values()))
    for product in plan.products:
        _move(product, by=by, at=at)
    _log(new, ADDITION, by=by)
    _log(touched, CHANGE, by=by)


def _finding(row: PlannedRow, categories: Categories) -> Finding:
    assert row.product
    old = {
        column: shown(column, getattr(of, attribute), categories)
        for of, columns, changes in (
            (row.product.stored, OF_PRODUCT, row.product.changes()),
            (row.stored, OF_SKU, row.changes()),
        )
        for column, attribute in columns.items()
        if of is not None and column in changes and column in row.given.values
    }
    return Finding(Outcome.NEW, old=old) if row.stored is None else changed(old)


def _create_products(products: Sequence[PlannedProduct]) -> None:
    made = [
        Product(name=product.values["name"], category_id=product.values["category"])
        for product in products
    ]
    for product, row in zip(products, Product.objects.bulk_create(made), strict=True):
        product.stored = row


def _change_products(products: Sequence[PlannedProduct]) -> None:
    rows = []
    for product in products:
        assert product.stored
        for column, value in product.changes().items():
            if column != STATUS:
                setattr(product.stored, OF_PRODUCT[column], value)
        rows.append(product.stored)
    Product.objects.bulk_update(rows, ["name", "category"])


def _save_skus(rows: Sequence[PlannedRow]) -> None:
    new: list[Sku] = []
    changed_ones: list[Sku] = []
    for row in rows:
        changes = row.changes()
        if row.stored is None:
            assert row.product
            row.stored = Sku(code=row.given.sku, product=row.product.stored)
            new.append(row.stored)
        elif changes:
            changed_ones.append(row.stored)
        for column, value in changes.items():
            setattr(row.stored, OF_SKU[column], value)
    Sku.objects.bulk_create(new)
    Sku.objects.bulk_update(changed_ones, list(OF_SKU.values()))


def _move(product: PlannedProduct, *, by: User, at: datetime) -> None:
    wanted = product.values.get(STATUS)
    assert product.stored
    if wanted is None or wanted == product.stored.status:
        return
    (put_on_sale if wanted == Status.ON_SALE else take_off_sale)(
        product=product.stored, by=by, at=at
    )


def _log(products: Sequence[PlannedProduct], flag: int, *, by: User) -> None:
    """Write into the history of each product who has changed it."""
    rows: list[Any] = [product.stored for product in products]
    if rows:
        LogEntry.objects.log_actions(by.pk, rows, flag, change_message=BY_IMPORT)
