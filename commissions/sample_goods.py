"""Sample goods for each rule: those on which it pays most, of what the shop really sells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import F, FloatField, Max, Min
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from catalog.models import Category, Sku
from commissions import rules
from commissions.models import Rule
from common.money import format_yuan

NOMINAL = 10_000
"""Fen: the price of goods that stand for all others."""
NO_PRODUCT = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """Goods to compute with. ``name``: of a real SKU or of the cheapest one; ``is_real``: a SKU."""

    goods: rules.Goods
    name: str = ""
    is_real: bool = False


@dataclass(frozen=True, slots=True)
class _Range:
    """Of the SKUs of a category: the lowest price in fen, and the highest part that is profit."""

    cheapest: int
    margin: float | None


@dataclass(frozen=True)
class SampleGoods:
    """The samples of the goods that rules name, read in four queries at most."""

    skus: dict[int, list[Sku]]
    parents: dict[int, int | None]
    ranges: dict[int, _Range]

    @classmethod
    def read(cls, rows: Sequence[Rule]) -> SampleGoods:
        products = {row.product_id for row in rows if row.product_id}
        skus: dict[int, list[Sku]] = {}
        for sku in Sku.objects.filter(product__in=products).select_related("product"):
            skus.setdefault(sku.product_id, []).append(sku)
        parents = dict(Category.objects.values_list("pk", "parent_id"))
        return cls(skus, parents, _ranges(parents))

    def of(self, rule: Rule) -> list[Sample]:
        if rule.product_id:
            return self._of_product(rule.product_id)
        path = self._path(rule.category_id)
        return self._of_range(path, self.ranges.get(rule.category_id or NO_PRODUCT))

    def _of_product(self, product: int) -> list[Sample]:
        samples = [
            Sample(
                rules.Goods(product, self._path(sku.product.category_id), 1, sku.price, sku.cost),
                name=f"{sku.product.name} {sku.variety}".strip(),
                is_real=True,
            )
            for sku in self.skus.get(product, ())
            if sku.price
        ]
        return samples or [Sample(rules.Goods(product, (), 1, NOMINAL, 0))]

    def _of_range(self, path: tuple[int, ...], known: _Range | None) -> list[Sample]:
        """Return the cheapest goods with the highest margin, which need not be one SKU."""
        if known is None:
            return [Sample(rules.Goods(NO_PRODUCT, path, 1, NOMINAL, 0))]
        margin = 1.0 if known.margin is None else max(0.0, known.margin)
        cost = int(known.cheapest * (1 - margin))
        name = _("goods at ¥%(price)s") % {"price": format_yuan(known.cheapest)}
        return [Sample(rules.Goods(NO_PRODUCT, path, 1, known.cheapest, cost), name)]

    def _path(self, category: int | None) -> tuple[int, ...]:
        path: list[int] = []
        while category is not None:
            path.append(category)
            category = self.parents.get(category)
        return tuple(path)


def _ranges(parents: dict[int, int | None]) -> dict[int, _Range]:
    """Return the range of each category with what is below it, and of the whole store."""
    price = Cast("price", FloatField())
    own = (
        Sku.objects.filter(price__gt=0)
        .order_by()
        .values("product__category")
        .annotate(cheapest=Min("price"), margin=Max((F("price") - F("cost")) / price))
        .values_list("product__category", "cheapest", "margin")
    )
    ranges: dict[int, _Range] = {}
    for category, cheapest, margin in own:
        known = _Range(cheapest, margin)
        for key in (*_up(category, parents), NO_PRODUCT):
            ranges[key] = _merged(ranges.get(key), known)
    return ranges


def _up(category: int | None, parents: dict[int, int | None]) -> Iterable[int]:
    while category is not None:
        yield category
        category = parents.get(category)


def _merged(first: _Range | None, second: _Range) -> _Range:
    if first is None:
        return second
    margins = [margin for margin in (first.margin, second.margin) if margin is not None]
    return _Range(min(first.cheapest, second.cheapest), max(margins, default=None))
