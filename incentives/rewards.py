"""Compute what the terms of a version give: numbers in, numbers out.

Money is in minor units; things are given once (1) or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby

from common.money import BASIS_POINTS, floor
from incentives.metrics.values import Counted
from incentives.models import Reward, Version
from ledger.chart import Asset

WHOLE_PERIOD = ""
"""The basis of a target that all contributions of its period count for."""
FRIEND = "friend"
ENDED = ":other:"
"""Stands in the step of an award that ended for another one of the same person, before its key."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is due at a step: ``amount`` in minor units, or 1 of a thing.

    ``step`` is unique among the targets of a member and period.
    """

    step: str
    reward: Reward
    side: str
    amount: int
    rank: int | None = None


def targets_for(
    version: Version, rewards: Sequence[Reward], value: int, contributions: Sequence[Counted]
) -> list[Target]:
    """Return what a member's contributions of a period reach, for the member and their friends.

    Ranks are known at the close only, see ``services.closing``, and give nothing here.

    :param value: the sum of the contributions that count
    :param contributions: of the member in the period; those that do not count yet give nothing
    """
    if version.is_decided_at_close:
        return []
    ordered = sorted(rewards, key=_order_of_rewards)
    targets: list[Target] = []
    for _, same_side in groupby(ordered, key=lambda reward: reward.side):
        side_rewards = list(same_side)
        match version.reach:
            case Version.Reach.EACH:
                targets += _each(version, side_rewards, contributions)
            case Version.Reach.EVERY:
                targets += _every(version, side_rewards, value)
            case _:
                targets += _steps(version, side_rewards, value)
    return targets


def basis_of(step: str) -> str:
    """Return what a step is counted by: ``order:7``, ``friend:7`` or ``proof:7``, else the period.

    The rest of a step names the kind of its reward.
    """
    kind, _, rest = step.partition(":")
    if kind not in ("order", FRIEND, "proof"):
        return WHOLE_PERIOD
    return f"{kind}:{rest.partition(':')[0]}"


def steps_of(basis: str) -> tuple[str, str]:
    """Return the first step of a basis and what comes after its last one, by characters."""
    return (f"{basis}:", f"{basis};") if basis else ("", "~")


def rename_friend(step: str, friend: int, survivor: int) -> str:
    """Return a step with the survivor in place of a friend who was merged."""
    of_friend = friend_steps(friend)
    if not step.startswith(of_friend):
        return step
    return friend_steps(survivor) + step.removeprefix(of_friend)


def friend_steps(friend: int) -> str:
    """Return how the steps begin that a friend is counted for."""
    return f"{FRIEND}:{friend}:"


def end_for_another(step: str, key: int) -> str:
    """Return the step of an award that ends because another of the person has the same one."""
    return f"{step}{ENDED}{key}"


def has_another(step: str) -> bool:
    """Return whether another award of the person goes on in place of this one."""
    return ENDED in step


def basis_of_contribution(row: Counted) -> str:
    """Return the basis of the step that a single contribution reaches."""
    return basis_for(order=row.order, subject=row.subject, proof=row.proof)


def basis_keys(bases: Iterable[str]) -> dict[str, set[int]]:
    """Return the primary keys in bases, by kind: ``order``, ``friend`` and ``proof``."""
    keys: dict[str, set[int]] = {"order": set(), FRIEND: set(), "proof": set()}
    for basis in bases:
        kind, _, key = basis.partition(":")
        keys[kind].add(int(key))
    return keys


def basis_for(*, order: int | None, subject: int | None, proof: int | None) -> str:
    """Return the basis of what a proof, a friend or an order reaches, by primary keys."""
    if proof is not None:
        return f"proof:{proof}"
    return f"{FRIEND}:{subject}" if subject is not None else f"order:{order}"


def limit_targets(targets: Sequence[Target], most: Mapping[str, int]) -> list[Target]:
    """Lower money targets, the later ones first, so that together they stay within the limits.

    Points are no money, and things have no amount.

    :param most: in fen, by ``basis_of`` the step; without an entry there is no limit
    """
    left = dict(most)
    limited = []
    for target in targets:
        basis, amount = basis_of(target.step), target.amount
        if is_money(target.reward) and basis in left:
            amount = max(0, min(amount, left[basis]))
            left[basis] -= amount
        limited.append(replace(target, amount=amount))
    return limited


def is_money(reward: Reward) -> bool:
    """Return whether the reward is paid in fen."""
    return reward.kind in Reward.MONEY and reward.asset != Asset.POINTS


def amount_of(reward: Reward, base: int) -> int:
    """Return what a reward gives for what was counted, in minor units; of things 1."""
    if reward.kind == Reward.Kind.PERCENT:
        return at_most(part_of(reward, base), reward.most)
    return reward.amount or 0 if reward.kind == Reward.Kind.AMOUNT else 1


def part_of(reward: Reward, base: int) -> int:
    """Return the percentage of what was counted, rounded down, whatever its maximum."""
    return floor(Fraction(base * (reward.rate or 0), BASIS_POINTS))


def at_most(amount: int, most: int | None) -> int:
    """Return the amount within the maximum; None: there is none."""
    return amount if most is None else min(amount, most)


def in_order(contributions: Iterable[Counted]) -> list[Counted]:
    """Sort contributions by the moment since which they count.

    Among those of one moment the larger ones come first, so that the order of arrival is no matter.
    """
    return sorted(
        contributions,
        key=lambda row: (row.counted_at or row.happened_at, row.happened_at, -row.value, -row.paid),
    )


def _each(
    version: Version, rewards: Sequence[Reward], contributions: Sequence[Counted]
) -> Iterator[Target]:
    counting = in_order(row for row in contributions if row.counted and row.value)
    for row in counting[: version.most_per_member]:
        for name, reward in _named(rewards):
            amount = amount_of(reward, row.value if version.counts_money else row.paid)
            yield Target(f"{basis_of_contribution(row)}:{name}", reward, reward.side, amount)


def _every(version: Version, rewards: Sequence[Reward], value: int) -> Iterator[Target]:
    for name, reward in _named(rewards):
        each = reward.threshold or 1
        times = value // each
        if version.most_per_member is not None:
            times = min(times, version.most_per_member)
        for number in range(1, times + 1):
            yield Target(f"n:{number}:{name}", reward, reward.side, amount_of(reward, each))


def _steps(version: Version, rewards: Sequence[Reward], value: int) -> list[Target]:
    """Return the steps that are reached.

    Where only the highest counts, a step in money gives what it adds to those below, so that
    nothing is taken back when the next one is reached; things of lower steps end.
    """
    steps = [
        (threshold or 0, list(rows))
        for threshold, rows in groupby(rewards, key=lambda row: row.threshold)
    ]
    reached = [step for step in steps if step[0] <= value][: version.most_per_member]
    targets: list[Target] = []
    below: dict[str, int] = {}
    for place, (threshold, rows) in enumerate(reached, 1):
        highest = place == len(reached)
        given: dict[str, int] = {}
        for name, reward in _named(rows):
            amount = amount_of(reward, value)
            if not version.sums_steps:
                if reward.kind in Reward.MONEY:
                    given[name], amount = amount, max(0, amount - below.get(name, 0))
                elif not highest:
                    continue
            targets.append(Target(f"from:{threshold}:{name}", reward, reward.side, amount))
        below = {name: max(given.get(name, 0), below.get(name, 0)) for name in {*given, *below}}
    return targets


def _named(rewards: Sequence[Reward]) -> list[tuple[str, Reward]]:
    """Name each reward of a step by its kind and asset; a number tells two of a kind apart."""
    named: dict[str, Reward] = {}
    for reward in rewards:
        name = kind = f"{reward.asset or reward.kind}"
        number = 1
        while name in named:
            number += 1
            name = f"{kind}:{number}"
        named[name] = reward
    return list(named.items())


def _order_of_rewards(reward: Reward) -> tuple[int, int, int, int]:
    side = list(Reward.Side.values).index(reward.side)
    return side, reward.threshold or 0, reward.first_rank or 0, reward.pk or 0
