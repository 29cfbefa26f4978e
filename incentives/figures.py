"""What incentives have given so far, to how many people, and which orders they brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from incentives.models import Award, Budget, GiftTask, Progress, Reward
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
    for budget in Budget.objects.filter(incentive__in=incentives):
        figures = found[budget.incentive_id]
        figures.awards, figures.awards_limit = budget.awards, budget.awards_limit
        figures.amount, figures.amount_limit = budget.amount, budget.amount_limit
    _add_things(found)
    _add_people(found)
    _add_orders(found)
    return found


def points_of(incentive: int) -> int:
    """Return the points that an incentive has given and not taken back."""
    given = Award.objects.filter(incentive=incentive, asset=Asset.POINTS, posted__gt=0)
    points: int = given.aggregate(sum=Sum("posted", default=0))["sum"]
    return points


def _add_things(found: Mapping[int, Figures]) -> None:
    """Count what is no money by its reward, in an index; most incentives have no such rewards."""
    things = Reward.objects.filter(version__incentive__in=found, version__number__isnull=False)
    rewards = list(things.exclude(kind__in=Reward.MONEY).select_related("version").order_by("pk"))
    if not rewards:
        return
    incentive_of = {row.pk: row.version.incentive_id for row in rewards}
    given = Award.objects.filter(
        incentive__in=set(incentive_of.values()), posted__gt=0, reward__in=incentive_of
    )
    counts: dict[int, dict[int, int]] = defaultdict(dict)
    for reward, count in given.order_by().values_list("reward").annotate(Count("pk")):
        counts[incentive_of[reward]][reward] = count
    cancelled = _cancelled_gifts(found).values_list("award__reward")
    for reward, count in cancelled.annotate(Count("pk")):
        counts[incentive_of[reward]][reward] -= count
    values = values_of(rewards)
    for incentive, of_incentive in counts.items():
        found[incentive].things = worth_of_things(of_incentive, values)


def _add_people(found: Mapping[int, Figures]) -> None:
    """Count in an index who has got something, without those who have cancelled gifts only."""
    given = Award.objects.filter(incentive__in=found, posted__gt=0).order_by()
    counts = given.values_list("incentive").annotate(Count("member", distinct=True))
    for incentive, people in counts:
        found[incentive].people = people
    others = Award.objects.filter(
        incentive=OuterRef("award__incentive"), member=OuterRef("award__member"), posted__gt=0
    ).without_cancelled_gifts()
    nothing = _cancelled_gifts(found).exclude(Exists(others)).values_list("award__incentive")
    for incentive, people in nothing.annotate(Count("award__member", distinct=True)):
        found[incentive].people -= people


def _cancelled_gifts(incentives: Collection[int]) -> QuerySet[GiftTask]:
    """Return the gifts that the shop cancelled although their awards are due."""
    rows = GiftTask.objects.filter(
        status=GiftTask.Status.CANCELLED, award__incentive__in=incentives, award__posted__gt=0
    )
    return rows.order_by()


def _add_orders(found: Mapping[int, Figures]) -> None:
    """Add up the stored sums of members and periods."""
    rows = Progress.objects.filter(incentive__in=found).order_by()
    sums = rows.values_list("incentive").annotate(Sum("orders"), Sum("coming_orders"), Sum("paid"))
    for incentive, *counts in sums:
        figures = found[incentive]
        figures.orders, figures.coming, figures.sales = counts
