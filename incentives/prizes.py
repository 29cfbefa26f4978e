"""Compute the prizes of a contest from its places: numbers in, numbers out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from common.money import split
from incentives.models import Reward, Version
from incentives.ranking import shared_ranks
from incentives.rewards import Target, amount_of, is_money

LAST = datetime.max.replace(tzinfo=UTC)
OF_PLACE = "place:"
"""How the steps of prizes begin."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's place: equal values share the better one."""

    member: int
    value: int
    rank: int


@dataclass(frozen=True, slots=True)
class Prize:
    """What a member wins: minor units of the reward's asset, or 1 of a thing."""

    member: int
    rank: int
    reward: Reward
    amount: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a budget has left; None: it has no limit."""

    awards: int | None = None
    amount: int | None = None

    def covers(self, prizes: Sequence[Prize]) -> bool:
        enough = self.awards is None or len(prizes) <= self.awards
        return enough and (self.amount is None or money_of(prizes) <= self.amount)


@dataclass(frozen=True, slots=True)
class Contest:
    """The rules of a contest.

    :param reached_at: when members reached their values; it decides between equal values about
        what cannot be split
    """

    rewards: Sequence[Reward]
    ties: str
    left: Left = field(default_factory=Left)
    reached_at: Mapping[int, datetime] = field(default_factory=dict)


def standings(rows: Sequence[tuple[int, int]]) -> list[Standing]:
    """Return the places of members with their values, the best first."""
    ranks = shared_ranks([value for _, value in rows])
    return [
        Standing(member, value, rank)
        for (member, value), rank in zip(rows, ranks, strict=True)
    ]  # fmt: skip


def prizes(places: Sequence[Standing], contest: Contest) -> list[Prize]:
    """Return the prizes of all places.

    Members with equal values share the prizes of the places that they take together, or each get
    that of the better place, if the budget covers all of these.
    """
    if contest.ties == Version.Ties.EACH:
        whole = [prize for tied in _groups(places) for prize in _each(tied, contest.rewards)]
        if contest.left.covers(whole):
            return whole
    return [prize for tied in _groups(places) for prize in _shared(tied, contest)]


def money_of(prizes: Sequence[Prize]) -> int:
    """Return the sum of prizes in fen; points are not counted."""
    return sum(prize.amount for prize in prizes if is_money(prize.reward))


def targets_by_member(prizes: Sequence[Prize]) -> dict[int, list[Target]]:
    """Return what is due to each winner; a number tells two prizes of a kind apart."""
    targets: dict[int, list[Target]] = defaultdict(list)
    for prize in prizes:
        own = targets[prize.member]
        name = f"{OF_PLACE}{prize.reward.asset or prize.reward.kind}"
        number = 1 + sum(f"{row.step}:".startswith(f"{name}:") for row in own)
        step = name if number == 1 else f"{name}:{number}"
        own.append(Target(step, prize.reward, prize.reward.side, prize.amount, prize.rank))
    return dict(targets)


def _groups(places: Sequence[Standing]) -> Iterator[list[Standing]]:
    for _, tied in groupby(places, key=lambda place: place.rank):
        yield list(tied)


def _each(tied: Sequence[Standing], rewards: Sequence[Reward]) -> Iterator[Prize]:
    for place in tied:
        for reward in rewards:
            if _places(reward, place.rank, place.rank):
                yield from _prize(place, reward, amount_of(reward, place.value))


def _shared(tied: Sequence[Standing], contest: Contest) -> Iterator[Prize]:
    in_order = sorted(
        tied, key=lambda place: (contest.reached_at.get(place.member, LAST), place.member)
    )
    first, last = tied[0].rank, tied[0].rank + len(tied) - 1
    sums: dict[str, tuple[Reward, int]] = {}
    for reward in sorted(contest.rewards, key=lambda reward: reward.first_rank or 0):
        taken = _places(reward, first, last)
        if reward.kind not in Reward.MONEY:
            for number in taken:
                yield from _prize(in_order[number - first], reward, 1)
        elif taken:
            best, total = sums.get(reward.asset, (reward, 0))
            sums[reward.asset] = best, total + len(taken) * amount_of(reward, tied[0].value)
    for best, total in sums.values():
        if total >= len(tied):  # less than a fen for each is nothing
            parts = split(total, [1] * len(tied))
            for place, part in zip(in_order, parts, strict=True):
                yield from _prize(place, best, part)


def _places(reward: Reward, first: int, last: int) -> range:
    """Return those of the places from ``first`` to ``last`` that get this reward."""
    if reward.first_rank is None or reward.last_rank is None:
        return range(0)
    return range(max(first, reward.first_rank), min(last, reward.last_rank) + 1)


def _prize(place: Standing, reward: Reward, amount: int) -> Iterator[Prize]:
    if amount:
        yield Prize(place.member, place.rank, reward, amount)
