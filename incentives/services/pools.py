"""Team pools: a share of the shop's completed sales of a month, by own sales (团队分红)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum

from common.clock import day_start
from common.money import split
from distribution.models import Distributor, DistributorPeriod
from incentives.metrics.facts import person
from incentives.models import PeriodClosing, Progress, Reward, TeamPool, Version
from incentives.periods import span_starting
from incentives.rewards import WHOLE_PERIOD, Target, amount_of, is_money, part_of
from incentives.services.targets import limits_at
from incentives.services.totals import Place

SHARES = (Distributor.Status.ACTIVE, Distributor.Status.FROZEN)
"""The statuses in which a distributor shares; the award of a frozen one is held."""


@dataclass(frozen=True, slots=True)
class Pool:
    """What a month's pool comes to, in fen.

    :param sales: the shop's completed distributor sales, of those who share and of others
    :param pool: the rate of the sales
    :param most: the most that the terms give out of it; None: all of it
    :param shared_by: the own sales of those who share
    :param room: what the own orders of those who share leave for awards; None: it is no money
    """

    sales: int
    rate: int
    pool: int
    most: int | None
    shared_by: int
    room: int | None
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
    sellers = _sellers(version, period_start)
    sales = sellers.aggregate(sum=Sum("value", default=0))["sum"]
    # What an account had when its month was closed stays there, whoever it was merged into.
    people = _people(version, period_start)
    sharers = sellers.annotate(person=person("member")).filter(person__in=people)
    own = dict(sharers.order_by("member").values_list("member", "value"))
    limits = _limits(version, reward, period_start, own)
    parts = share(amount_of(reward, sales), own, limits)
    targets = {
        member: [Target(f"pool:{reward.asset}", reward, reward.side, part)]
        for member, part in parts.items()
        if part
    }
    return Pool(
        sales=sales, rate=reward.rate or 0, pool=part_of(reward, sales), most=reward.most,
        shared_by=sum(own.values()), room=sum(limits.values()) if is_money(reward) else None,
        targets=targets,
    )  # fmt: skip


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
        closing=closing, sales=pool.sales, rate=pool.rate, pool=pool.pool, most=pool.most,
        shared_by=pool.shared_by, room=pool.room, paid=pool.paid,
    )  # fmt: skip


def left_out(version: Version, period_start: date) -> QuerySet[Progress]:
    """Return those with own sales in a month who share nothing, the best sellers first.

    ``status``: of the distributor when the month ended; if it is among ``SHARES``, they had none
    of the levels.
    """
    return (
        _sellers(version, period_start)
        .annotate(person=person("member"))
        .exclude(person__in=_people(version, period_start))
        .annotate(status=Subquery(_at_end(version, period_start).values("status")[:1]))
        .select_related("member")
        .order_by("-value", "member")
    )


def _limits(
    version: Version, reward: Reward, period_start: date, members: Iterable[int]
) -> dict[int, int]:
    """Return by member what the own orders of the month leave for awards; points need nothing."""
    if not is_money(reward):
        return {}
    places = [Place(version.incentive_id, member, period_start) for member in members]
    return {place.member: limits[WHOLE_PERIOD] for place, limits in limits_at(places).items()}


def _sellers(version: Version, period_start: date) -> QuerySet[Progress]:
    """Return who has completed sales in a month."""
    return Progress.objects.filter(
        incentive=version.incentive_id, period_start=period_start, value__gt=0
    )


def _people(version: Version, period_start: date) -> list[int]:
    """Return the persons with one of the levels when the month ended."""
    rows = _periods_at_end(version, period_start).filter(
        level__in=version.levels, status__in=SHARES
    )
    keys = rows.order_by().values_list(person("distributor__member"), flat=True)
    return list(keys.distinct())


def _at_end(version: Version, period_start: date) -> QuerySet[DistributorPeriod]:
    """Return the state of the outer member when the month ended."""
    return _periods_at_end(version, period_start).filter(distributor__member=OuterRef("member"))


def _periods_at_end(version: Version, period_start: date) -> QuerySet[DistributorPeriod]:
    """Return the state of all distributors when the month ended."""
    span = span_starting(version, period_start)
    assert span.end, "months have an end"
    end = day_start(span.end)
    return DistributorPeriod.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=end), started_at__lt=end
    )
