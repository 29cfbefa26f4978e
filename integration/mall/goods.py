"""The mall's categories and products; those that are known stay as they are."""

from __future__ import annotations

from django.db import transaction

from catalog.models import Category, Product, Sku
from integration.mall.files import Files
from integration.mall.sheets import Row


@transaction.atomic
def stock_shelves(files: Files) -> None:
    categories = _categories(files)
    known = set(Sku.objects.values_list("code", flat=True))
    rows = [row for row in files.products.rows if row["sku"] not in known]
    products = Product.objects.bulk_create(
        Product(
            name=row["name"],
            category=categories[row["category"]],
            status=Product.Status.ON_SALE,
        )
        for row in rows
    )
    Sku.objects.bulk_create(
        Sku(product=product, code=row["sku"], price=row["price"], cost=row["cost"])
        for product, row in zip(products, rows, strict=True)
    )


def _categories(files: Files) -> dict[str, Category]:
    known: dict[str, Category] = {category.code: category for category in Category.objects.all()}
    rows: dict[str, Row] = {row["code"]: row for row in files.categories.rows}

    def with_those_above(code: str) -> Category:
        if code not in known:
            above = rows[code]["parent"]
            known[code] = Category.objects.create(
                code=code,
                name=rows[code]["name"],
                parent=with_those_above(above) if above else None,
            )
        return known[code]

    for code in rows:
        with_those_above(code)
    return known
