"""Compute what a version would have given for counted orders: pure, after the orders are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from common.money import split
from incentives.metrics.values import Counted
from incentives.models import Reward, Version
from incentives.models.incentive import Metric
from incentives.prizes import Contest, prizes, standings
from incentives.rewards import Target, targets_for
from incentives.terms import REWARD_FIELDS, VERSION_FIELDS
from ledger.chart import Asset

ONCE = (Metric.REFERRED_BUYERS, Metric.NEW_DISTRIBUTORS)
"""Metrics that count a person once in the run: their first order."""
BASIS_POINTS = 10_000
Winners = Iterator[tuple[int, Target]]
"""Members, each with what they get."""


@dataclass(slots=True)
class Given:
    """What members would have got: by asset in minor units, or by kind as a number."""

    awards: int = 0
    totals: dict[str, int] = field(default_factory=dict)

    def add(self, target: Target) -> None:
        if not target.amount:
            return
        name = target.reward.asset or target.reward.kind
        self.awards += 1
        self.totals[name] = self.totals.get(name, 0) + target.amount

    @property
    def money(self) -> int:
        """Return the money in fen; points are no money."""
        return sum(self.totals.get(asset, 0) for asset in Asset.values if asset != Asset.POINTS)

    @property
    def points(self) -> int:
        return self.totals.get(Asset.POINTS, 0)

    @property
    def others(self) -> int:
        return sum(count for name, count in self.totals.items() if name not in Asset.values)


def version_as_tested(
    version: Version, terms: Mapping[str, Any], *, since: datetime, until: datetime
) -> Version:
    """Return the version with the terms of a back-test, as if it ran in those days; not saved.

    It has no incentive: who was brought before a published version began counts here, too.
    """
    tested = Version(pk=version.pk, number=version.number)
    for name in VERSION_FIELDS:
        setattr(tested, name, terms[name])
    tested.starts_at, tested.ends_at = since, until
    return tested


def rewards_as_tested(terms: Mapping[str, Any]) -> list[Reward]:
    """Return the rewards of a back-test in their order; not saved."""
    return [Reward(**{name: row[name] for name in REWARD_FIELDS}) for row in terms["rewards"]]


def first_of_each(version: Version, counts: Iterable[Counted]) -> list[Counted]:
    """Return the counts without later ones of a person who counts once."""
    in_order = sorted(counts, key=lambda row: (row.happened_at, row.order or 0))
    if version.metric == Metric.FIRST_SALE:
        return in_order[:1]
    if version.metric not in ONCE:
        return in_order
    first: dict[int | None, Counted] = {}
    for row in in_order:
        first.setdefault(row.subject, row)
    return list(first.values())


def give(version: Version, rewards: Sequence[Reward], counts: Iterable[Counted]) -> Given:
    """Return what one member gets for all that counts for them, their friends included."""
    given = Given()
    periods: dict[date, list[Counted]] = defaultdict(list)
    for row in first_of_each(version, counts):
        periods[row.period_start].append(row)
    for rows in periods.values():
        value = sum(row.value for row in rows)
        for target in targets_for(version, rewards, value, rows):
            given.add(target)
    return given


def won(version: Version, rewards: Sequence[Reward], values: Mapping[int, int]) -> Winners:
    """Yield what a contest gives for the values of its members in one period."""
    rows = sorted(((key, value) for key, value in values.items() if value > 0), key=_best_first)
    for prize in prizes(standings(rows), Contest(rewards, version.ties)):
        reward = prize.reward
        yield prize.member, Target("place", reward, reward.side, prize.amount, prize.rank)


def _best_first(row: tuple[int, int]) -> tuple[int, int]:
    member, value = row
    return -value, member


def shared(rewards: Sequence[Reward], sales: int, values: Mapping[int, int]) -> Winners:
    """Yield each member's share of a pool of one month; the parts add up to the whole."""
    for reward in rewards if sum(values.values()) else ():
        pool = sales * (reward.rate or 0) // BASIS_POINTS
        parts = split(pool, list(values.values()))
        for member, part in zip(values, parts, strict=True):
            yield member, Target("pool", reward, reward.side, part)
