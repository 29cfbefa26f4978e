"""Compute what a version would have given for counted orders: pure, after the orders are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from incentives.metrics.values import Counted
from incentives.models import Reward, Version
from incentives.models.incentive import Metric
from incentives.order_shares import Shares
from incentives.prizes import Contest, prizes, standings
from incentives.rewards import (
    WHOLE_PERIOD,
    Target,
    basis_of,
    basis_of_contribution,
    is_money,
    limit_targets,
    targets_for,
)
from incentives.terms import REWARD_FIELDS, VERSION_FIELDS
from ledger.chart import Asset

ONCE = (Metric.REFERRED_BUYERS, Metric.NEW_DISTRIBUTORS)
"""Metrics that count a person once in the run: their first order."""
Winners = Iterator[tuple[int, Target]]
"""Members, each with what they get."""


@dataclass(slots=True)
class Given:
    """What members would have got: by asset in minor units, or by kind as a number.

    ``things``: how many of each reward that is no money, by its key.
    """

    awards: int = 0
    totals: dict[str, int] = field(default_factory=dict)
    things: dict[int, int] = field(default_factory=dict)

    def add(self, target: Target) -> None:
        if not target.amount:
            return
        reward = target.reward
        name = reward.asset or reward.kind
        self.awards += 1
        self.totals[name] = self.totals.get(name, 0) + target.amount
        if reward.kind not in Reward.MONEY:
            self.things[reward.pk] = self.things.get(reward.pk, 0) + 1

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
    """Return the rewards of a back-test in their order; not saved. Their place is their key."""
    return [
        Reward(pk=place, **{name: row[name] for name in REWARD_FIELDS})
        for place, row in enumerate(terms["rewards"], 1)
    ]


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


class Due(NamedTuple):
    """What a member would have reached, and when; their friends get theirs with it."""

    reached_at: datetime
    member: int
    target: Target


def due(
    version: Version,
    rewards: Sequence[Reward],
    counts: Iterable[Counted],
    shares: Mapping[int, Shares],
) -> Iterator[Due]:
    """Yield what one member reaches by all that counts for them, within what the orders leave.

    :param shares: how much the awards of each order may come to
    """
    periods: dict[date, list[Counted]] = defaultdict(list)
    for row in first_of_each(version, counts):
        periods[row.period_start].append(row)
    for rows in periods.values():
        value = sum(row.value for row in rows)
        for side in Reward.Side.values:
            of_side = [row for row in rewards if row.side == side]
            targets = targets_for(version, of_side, value, rows)
            for target in limit_targets(targets, _limits(rows, shares, side)):
                yield Due(_reached_at(target, rows), rows[0].member, target)


def times_of(step: str) -> int:
    """Return which time "each n" a step is for; 1 of others."""
    kind, _, rest = step.partition(":")
    return int(rest.partition(":")[0]) if kind == "n" else 1


def _limits(rows: Iterable[Counted], shares: Mapping[int, Shares], side: str) -> dict[str, int]:
    limits = {WHOLE_PERIOD: 0}
    for row in rows:
        share = getattr(shares[row.order or 0], side)
        limits[basis_of_contribution(row)] = share
        limits[WHOLE_PERIOD] += share
    return limits


def _reached_at(target: Target, rows: Sequence[Counted]) -> datetime:
    """Return when the order came by which a step was reached, or that it is about."""
    basis = basis_of(target.step)
    value = 0
    needed = (target.reward.threshold or 1) * times_of(target.step)
    for row in rows:
        value += row.value
        if basis_of_contribution(row) == basis or (basis == WHOLE_PERIOD and value >= needed):
            return row.happened_at
    return rows[-1].happened_at


def within_budget(version: Version, dues: Iterable[Due]) -> Iterator[Due]:
    """Yield what the budget covers; who came first gets it, and what does not fit is refused."""
    awards = amount = 0
    for row in sorted(dues, key=lambda row: (row.reached_at, row.member, row.target.step)):
        cost = row.target.amount if is_money(row.target.reward) else 0
        fits = _fits(version.budget_awards, awards + 1) and _fits(
            version.budget_amount, amount + cost
        )
        if row.target.amount and fits:
            awards, amount = awards + 1, amount + cost
            yield row


def _fits(limit: int | None, used: int) -> bool:
    return limit is None or used <= limit


def won(
    version: Version,
    rewards: Sequence[Reward],
    values: Mapping[int, int],
    limits: Mapping[int, int],
) -> Winners:
    """Yield what a contest gives for the values of its members in one period.

    :param limits: in fen, what the orders of each member leave for their prizes in money
    """
    left = dict(limits)
    rows = sorted(((key, value) for key, value in values.items() if value > 0), key=_best_first)
    for prize in prizes(standings(rows), Contest(rewards, version.ties)):
        reward = prize.reward
        amount = prize.amount
        if is_money(reward):
            amount = min(amount, left[prize.member])
            left[prize.member] -= amount
        yield prize.member, Target("place", reward, reward.side, amount, prize.rank)


def _best_first(row: tuple[int, int]) -> tuple[int, int]:
    member, value = row
    return -value, member
