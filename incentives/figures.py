"""What incentives have given so far, to how many people, and which orders they brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from incentives.models import Award, Budget, Progress, Reward
from incentives.worth import Worth, values_of, worth_of_things
from ledger.chart import Asset


@dataclass(slots=True)
class Figures:
    """The figures of an incentive.

    :ivar amount: the money that was given and not taken back, in fen; ``things``: the coupons,
        gifts and the like, by what they are worth at most, without gifts that the shop cancelled
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
    things: Worth = field(default_factory=Worth)

    @property
    def cost(self) -> int:
        """Return the money that was given; points are none, and ``things`` stand beside it."""
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
    """Return the figures of incentives by key, in a few queries that read no orders."""
    found = {key: Figures() for key in incentives}
    _add_budgets(found)
    _add_things(found)
    _add_orders(found)
    return found


def points_of(incentive: int) -> int:
    """Return the points that an incentive has given and not taken back."""
    given = Award.objects.filter(incentive=incentive, asset=Asset.POINTS, posted__gt=0)
    points: int = given.aggregate(sum=Sum("posted", default=0))["sum"]
    return points


def _add_budgets(found: Mapping[int, Figures]) -> None:
    """Read what is used, and how many got something; without a budget's row nobody did."""
    given = Award.objects.filter(incentive=OuterRef("incentive"), posted__gt=0)
    people = (
        given.without_cancelled_gifts()
        .order_by()
        .values("incentive")
        .annotate(people=Count("member", distinct=True))
        .values("people")
    )
    budgets = Budget.objects.filter(incentive__in=found)
    for budget in budgets.annotate(people=Coalesce(Subquery(people), 0)):
        figures = found[budget.incentive_id]
        figures.awards, figures.awards_limit = budget.awards, budget.awards_limit
        figures.amount, figures.amount_limit = budget.amount, budget.amount_limit
        figures.people = budget.people


def _add_things(found: Mapping[int, Figures]) -> None:
    """Count what is no money by its reward; most incentives have no such rewards."""
    things = Reward.objects.filter(version__incentive__in=found, version__number__isnull=False)
    things = things.exclude(kind__in=Reward.MONEY).select_related("version", "coupon", "gift")
    incentive_of = {row.pk: row.version.incentive_id for row in things}
    if not incentive_of:
        return
    given = Award.objects.filter(
        incentive__in=set(incentive_of.values()), posted__gt=0, reward__in=incentive_of
    ).without_cancelled_gifts()
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for reward, count in given.order_by().values_list("reward").annotate(Count("pk")):
        counts[incentive_of[reward]][reward] = count
    values = values_of(things)
    for incentive, of_incentive in counts.items():
        found[incentive].things = worth_of_things(of_incentive, values)


def _add_orders(found: Mapping[int, Figures]) -> None:
    """Add up the stored sums of members and periods."""
    rows = Progress.objects.filter(incentive__in=found).order_by()
    sums = rows.values_list("incentive").annotate(Sum("orders"), Sum("coming_orders"), Sum("paid"))
    for incentive, *counts in sums:
        figures = found[incentive]
        figures.orders, figures.coming, figures.sales = counts
