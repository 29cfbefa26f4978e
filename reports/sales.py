"""What the shop sold in some days: by day, product, category, province and channel.

Everything is read from folded rows, so the last seconds may be missing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, QuerySet, Sum

from ledger.chart import Asset
from reports.models import PeriodFigures, SalesFigures, SalesSums, ShopDay
from reports.periods import Period, period_start
from reports.rates import rate
from reports.spans import Span

Kind = SalesFigures.Kind
MOST_DAYS = 92
"""Longer ranges are shown by month."""


@dataclass(frozen=True, slots=True)
class Sales:
    """Sums of paid orders; amounts in fen, see ``SalesSums``."""

    orders: int = 0
    promoted: int = 0
    quantity: int = 0
    returned_quantity: int = 0
    sales: int = 0
    promoted_sales: int = 0
    returned: int = 0
    commission1: int = 0
    commission2: int = 0

    def __add__(self, other: Sales) -> Sales:
        return Sales(*(getattr(self, name) + getattr(other, name) for name in SalesSums.FIGURES))

    @property
    def commission(self) -> int:
        return self.commission1 + self.commission2

    @property
    def average(self) -> int:
        """Return the sales of an order, in fen."""
        return self.sales // self.orders if self.orders else 0

    @property
    def return_rate(self) -> int:
        """Return which part of what was paid was refunded, in basis points."""
        return rate(self.returned, self.sales + self.returned)

    @property
    def promoted_rate(self) -> int:
        """Return which part of the sales distributors brought, in basis points."""
        return rate(self.promoted_sales, self.sales)

    @property
    def commission_rate(self) -> int:
        """Return the commissions for the sales of distributors, in basis points."""
        return rate(self.commission, self.promoted_sales)


@dataclass(frozen=True, slots=True)
class Earner:
    """A distributor's sums; ``sales`` of own orders, ``income`` with that of the team, in fen."""

    distributor: int
    orders: int
    sales: int
    returned: int
    team_orders: int
    team_sales: int
    income: int
    team_income: int

    @property
    def return_rate(self) -> int:
        return rate(self.returned, self.sales + self.returned)


def period_of(span: Span) -> str:
    """Return the period by which a range is shown."""
    return Period.DAY if span.days <= MOST_DAYS else Period.MONTH


def total(span: Span, kind: str = Kind.SHOP, key: str = "") -> Sales:
    """Return the sums of some days, in one query."""
    rows = SalesFigures.objects.filter(span.rows(), kind=kind, key=key)
    sums = rows.aggregate(**{name: Sum(name, default=0) for name in SalesSums.FIGURES})
    return Sales(**sums)


def by_day(span: Span, kind: str = Kind.SHOP, key: str = "") -> list[tuple[date, Sales]]:
    """Return the sums of each day, also of those without any; of each month if they are many.

    The first and the last month then have only the days of the range. It is one query.
    """
    period = period_of(span)
    found = dict.fromkeys((period_start(period, day) for day in span), Sales())
    in_span = span.day_rows() if period == Period.DAY else span.rows()
    rows = SalesFigures.objects.filter(in_span, kind=kind, key=key)
    for start, *figures in rows.values_list("start", *SalesSums.FIGURES):
        found[period_start(period, start)] += Sales(*figures)
    return list(found.items())


def by_key(
    kind: str, span: Span, *, order_by: str = "sales", limit: int | None = None,
    keys: Collection[str] | None = None,
) -> list[tuple[str, Sales]]:  # fmt: skip
    """Return the sums of each product, category, province or channel, the largest first.

    :param order_by: one of the figures, or ``commission``
    """
    rows = SalesFigures.objects.filter(span.rows(), kind=kind)
    if keys is not None:
        rows = rows.filter(key__in=keys)
    sums: QuerySet[Any, Any] = rows.values("key").annotate(
        **{f"sum_{name}": Sum(name) for name in SalesSums.FIGURES},
    )
    sums = sums.annotate(sum_commission=F("sum_commission1") + F("sum_commission2"))
    sums = sums.filter(sum_orders__gt=0).order_by(f"-sum_{order_by}", "key")[:limit]
    return [
        (key, Sales(*figures))
        for key, *figures in sums.values_list("key", *_sums(SalesSums.FIGURES))
    ]


def keys_with_orders(kind: str, span: Span) -> int:
    """Return how many products, categories, provinces or channels had an order."""
    keys = SalesFigures.objects.filter(span.rows(), kind=kind).values("key")
    rows: QuerySet[Any, Any] = keys
    return int(rows.annotate(sum_orders=Sum("orders")).filter(sum_orders__gt=0).count())


EARNINGS = (
    "orders", "sales", "returned", "team_orders", "team_sales", "income", "team_income",
)  # fmt: skip


def by_distributor(
    span: Span, *, order_by: str = "sales", limit: int | None = None
) -> list[Earner]:
    """Return the sums of each distributor with an order, the largest first; commissions in cash.

    :param order_by: one of ``EARNINGS``
    """
    rows = _earners(span).order_by(f"-sum_{order_by}", "distributor_id")[:limit]
    return [Earner(*row) for row in rows.values_list("distributor", *_sums(EARNINGS))]


def distributors_with_orders(span: Span) -> int:
    """Return how many distributors had an order."""
    return _earners(span).count()


def _earners(span: Span) -> QuerySet[Any, Any]:
    rows = PeriodFigures.objects.filter(span.rows(), asset=Asset.CASH)
    sums: QuerySet[Any, Any] = rows.values("distributor").annotate(
        **{f"sum_{name}": Sum(name) for name in EARNINGS}
    )
    return sums.exclude(sum_orders=0, sum_team_orders=0)


def paid_out_by_day(span: Span) -> list[tuple[date, int]]:
    """Return what payouts brought to members on each day, in fen; of each month if many."""
    period = period_of(span)
    found = dict.fromkeys((period_start(period, day) for day in span), 0)
    rows = ShopDay.objects.filter(asset=Asset.CASH, day__range=(span.first, span.last))
    for day, amount in rows.values_list("day", "paid_out"):
        found[period_start(period, day)] += amount
    return list(found.items())


def _sums(names: Collection[str]) -> list[str]:
    return [f"sum_{name}" for name in names]
