"""What incentives have given so far, to how many people, and which orders they brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, Sum

from incentives.models import Award, Budget, Contribution
from ledger.chart import Asset


@dataclass(slots=True)
class Figures:
    """The figures of an incentive.

    :ivar costs: what was given and not taken back, by asset in minor units
    :ivar others: coupons, gifts, levels and the like that were given
    :ivar orders: completed orders that count; ``sales``: what they paid for goods, in fen
    :ivar coming: orders that count once they are completed
    """

    awards: int = 0
    awards_limit: int | None = None
    amount: int = 0
    amount_limit: int | None = None
    costs: dict[str, int] = field(default_factory=dict)
    others: int = 0
    people: int = 0
    orders: int = 0
    sales: int = 0
    coming: int = 0

    @property
    def cost(self) -> int:
        """Return the money that was given, in fen; points are no money."""
        return sum(minor for asset, minor in self.costs.items() if asset != Asset.POINTS)

    @property
    def used(self) -> int | None:
        """Return how much of the tighter limit is used, in percent; ``None`` without a budget."""
        parts = [
            used * 100 // limit
            for used, limit in (
                (self.awards, self.awards_limit), (self.amount, self.amount_limit)
            )
            if limit
        ]  # fmt: skip
        return max(parts, default=None)


def figures_of(incentives: Collection[int]) -> Mapping[int, Figures]:
    """Return the figures of incentives by key, in three queries."""
    found = {key: Figures() for key in incentives}
    for budget in Budget.objects.filter(incentive__in=incentives):
        figures = found[budget.incentive_id]
        figures.awards, figures.awards_limit = budget.awards, budget.awards_limit
        figures.amount, figures.amount_limit = budget.amount, budget.amount_limit
    _add_awards(found)
    _add_orders(found)
    return found


def _add_awards(found: Mapping[int, Figures]) -> None:
    given = Award.objects.filter(incentive__in=found, posted__gt=0).order_by()
    sums = {asset: Sum("posted", filter=Q(asset=asset), default=0) for asset in Asset.values}
    rows: Any = given.values("incentive").annotate(
        people=Count("member", distinct=True),
        others=Count("pk", filter=Q(asset="")),
        **{f"sum_{asset}": total for asset, total in sums.items()},
    )
    for row in rows:
        figures = found[row["incentive"]]
        figures.people, figures.others = row["people"], row["others"]
        figures.costs = {asset: row[f"sum_{asset}"] for asset in sums if row[f"sum_{asset}"]}


def _add_orders(found: Mapping[int, Figures]) -> None:
    rows = Contribution.objects.filter(
        incentive__in=found, order__isnull=False, value__gt=0
    ).order_by()
    counts = rows.values("incentive").annotate(
        orders=Count("pk", filter=Q(counted=True)),
        coming=Count("pk", filter=Q(counted=False)),
        sales=Sum("paid", filter=Q(counted=True), default=0),
    )
    for row in counts:
        figures = found[row["incentive"]]
        figures.orders, figures.coming, figures.sales = row["orders"], row["coming"], row["sales"]
