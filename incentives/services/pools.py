"""Team pools: a share of the shop's completed sales of a month, by own sales (团队分红)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from common.clock import day_start
from common.money import floor, split
from distribution.models import Distributor, DistributorPeriod
from incentives.models import PeriodClosing, Progress, Reward, TeamPool, Version
from incentives.periods import span_starting
from incentives.rewards import BASIS_POINTS, Target

SHARES = (Distributor.Status.ACTIVE, Distributor.Status.FROZEN)
"""The statuses in which a distributor shares; the award of a frozen one is held."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a month's pool comes to, in fen.

    :param sales: the shop's completed distributor sales, whoever shares
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
    """
    (reward,) = rewards
    progress = Progress.objects.filter(
        incentive=version.incentive_id, period_start=period_start, value__gt=0
    )
    sales = progress.aggregate(sum=Sum("value", default=0))["sum"]
    rate = reward.rate or 0
    whole = floor(Fraction(sales * rate, BASIS_POINTS))
    pool = whole if reward.most is None else min(whole, reward.most)
    sharers = progress.filter(member__in=_members(version, period_start))
    own = dict(sharers.order_by("member").values_list("member", "value"))
    parts = split(pool, list(own.values())) if own else []
    targets = {
        member: [Target(f"pool:{reward.asset}", reward, reward.side, part)]
        for member, part in zip(own, parts, strict=True)
        if part
    }
    return Pool(sales, rate, pool, sum(own.values()), targets)


def store_pool(closing: PeriodClosing, pool: Pool) -> None:
    """Store a pool with the close of its month."""
    TeamPool.objects.create(
        closing=closing, sales=pool.sales, rate=pool.rate, pool=pool.pool,
        shared_by=pool.shared_by, paid=pool.paid,
    )  # fmt: skip


def _members(version: Version, period_start: date) -> list[int]:
    """Return the members, or their survivors, with one of the levels when the month ended."""
    span = span_starting(version, period_start)
    assert span.end, "months have an end"
    end = day_start(span.end)
    rows = DistributorPeriod.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=end), started_at__lt=end, level__in=version.levels,
        status__in=SHARES,
    )  # fmt: skip
    person = Coalesce("distributor__member__merged_into", "distributor__member")
    return list(rows.order_by().values_list(person, flat=True).distinct())
