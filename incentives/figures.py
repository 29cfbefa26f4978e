"""What incentives have given so far, to how many people, and which orders they brought."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, Sum

from incentives.models import Award, Budget, Progress
from ledger.chart import Asset


@dataclass(slots=True)
class Figures:
    """The figures of an incentive.

    :ivar orders: completed orders that count; ``sales``: what they paid for goods, in fen
    :ivar coming: orders that count once they are completed
    """

    awards: int = 0
    awards_limit: int | None = None
    amount: int = 0
    amount_limit: int | None = None
    people: int = 0
    orders: int = 0
    sales: int = 0
    coming: int = 0

    @property
    def cost(self) -> int:
        """Return the money that was given and not taken back, in fen; points are no money."""
        return self.amount

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
    """Return the figures of incentives by key, in three queries that read no orders."""
    found = {key: Figures() for key in incentives}
    for budget in Budget.objects.filter(incentive__in=incentives):
        figures = found[budget.incentive_id]
        figures.awards, figures.awards_limit = budget.awards, budget.awards_limit
        figures.amount, figures.amount_limit = budget.amount, budget.amount_limit
    _add_people(found)
    _add_orders(found)
    return found


def points_of(incentive: int) -> int:
    """Return the points that an incentive has given and not taken back."""
    given = Award.objects.filter(incentive=incentive, asset=Asset.POINTS, posted__gt=0)
    points: int = given.aggregate(sum=Sum("posted", default=0))["sum"]
    return points


def _add_people(found: Mapping[int, Figures]) -> None:
    given = Award.objects.filter(incentive__in=found, posted__gt=0).order_by()
    counts = given.values_list("incentive").annotate(Count("member", distinct=True))
    for incentive, people in counts:
        found[incentive].people = people


def _add_orders(found: Mapping[int, Figures]) -> None:
    """Add up the stored sums of members and periods."""
    rows = Progress.objects.filter(incentive__in=found).order_by()
    sums = rows.values_list("incentive").annotate(Sum("orders"), Sum("coming_orders"), Sum("paid"))
    for incentive, *counts in sums:
        figures = found[incentive]
        figures.orders, figures.coming, figures.sales = counts
