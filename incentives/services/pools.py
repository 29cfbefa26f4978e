"""Team pools: a share of the shop's completed sales of a month, by own sales (团队分红)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Q, Sum

from common.clock import day_start
from common.money import floor, split
from distribution.models import Distributor, DistributorPeriod
from incentives.metrics.facts import person
from incentives.models import PeriodClosing, Progress, Reward, TeamPool, Version
from incentives.periods import span_starting
from incentives.rewards import BASIS_POINTS, WHOLE_PERIOD, Target, is_money
from incentives.services.targets import limits_at
from incentives.services.totals import Place

SHARES = (Distributor.Status.ACTIVE, Distributor.Status.FROZEN)
"""The statuses in which a distributor shares; the award of a frozen one is held."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a month's pool comes to, in fen.

    :param sales: the shop's completed distributor sales, of those who share and of others
    :param pool: the rate of the sales, or less if the limits of all who share come to less
    :param shared_by: the own sales of those who share
    """

    sales: int
    rate: int
    pool: int
    shared_by: int
    targets: dict[int, list[Target]]

    @property
    def paid(self) -> int:
        return sum(target.amount for targets in self.targets.values() for target in targets)


def compute_pool(version: Version, rewards: Sequence[Reward], period_start: date) -> Pool:
    """Compute the pool of a closed month and its shares, by largest remainder.

    Those share who have one of the version's levels at the end of the month, and own sales in it.
    No share exceeds what the own orders of its month leave for awards; others get the rest.
    """
    (reward,) = rewards
    progress = Progress.objects.filter(
        incentive=version.incentive_id, period_start=period_start, value__gt=0
    )
    sales = progress.aggregate(sum=Sum("value", default=0))["sum"]
    pool = pool_of(reward, sales)
    # What an account had when its month was closed stays there, whoever it was merged into.
    sharers = progress.annotate(person=person("member")).filter(
        person__in=_people(version, period_start)
    )
    own = dict(sharers.order_by("member").values_list("member", "value"))
    parts = share(pool, own, _limits(version, reward, period_start, own))
    targets = {
        member: [Target(f"pool:{reward.asset}", reward, reward.side, part)]
        for member, part in parts.items()
        if part
    }
    shared = sum(parts.values()) if own else pool
    return Pool(sales, reward.rate or 0, shared, sum(own.values()), targets)


def pool_of(reward: Reward, sales: int) -> int:
    """Return the part of a month's sales that is shared, in fen."""
    whole = floor(Fraction(sales * (reward.rate or 0), BASIS_POINTS))
    return whole if reward.most is None else min(whole, reward.most)


def share(pool: int, own: Mapping[int, int], limits: Mapping[int, int]) -> dict[int, int]:
    """Split a pool by own sales; what exceeds the limit of one goes to the others.

    The parts add up to the pool, or to all limits if these come to less.

    :param own: the weights by member, above 0
    :param limits: by member; without an entry there is none
    """
    parts = dict.fromkeys(own, 0)
    left, open_to = pool, list(own)
    while left and open_to:
        given = split(left, [own[member] for member in open_to])
        for member, part in zip(open_to, given, strict=True):
            most = limits.get(member)
            fits = part if most is None else min(part, most - parts[member])
            parts[member] += fits
            left -= fits
        still_open = [member for member in open_to if parts[member] < limits.get(member, pool + 1)]
        if still_open == open_to:
            break
        open_to = still_open
    return parts


def store_pool(closing: PeriodClosing, pool: Pool) -> None:
    """Store a pool with the close of its month."""
    TeamPool.objects.create(
        closing=closing, sales=pool.sales, rate=pool.rate, pool=pool.pool,
        shared_by=pool.shared_by, paid=pool.paid,
    )  # fmt: skip


def _limits(
    version: Version, reward: Reward, period_start: date, members: Iterable[int]
) -> dict[int, int]:
    """Return by member what the own orders of the month leave for awards; points need nothing."""
    if not is_money(reward):
        return {}
    places = [Place(version.incentive_id, member, period_start) for member in members]
    return {place.member: limits[WHOLE_PERIOD] for place, limits in limits_at(places).items()}


def _people(version: Version, period_start: date) -> list[int]:
    """Return the persons with one of the levels when the month ended."""
    span = span_starting(version, period_start)
    assert span.end, "months have an end"
    end = day_start(span.end)
    rows = DistributorPeriod.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=end), started_at__lt=end, level__in=version.levels,
        status__in=SHARES,
    )  # fmt: skip
    keys = rows.order_by().values_list(person("distributor__member"), flat=True)
    return list(keys.distinct())
