"""Share what an order can give in money among the incentives that count it: pure.

Commissions come first, then the incentives in the order in which they were created; of each the one
who earns it, then the friend. So all awards of an order together stay within the settings. Of an
order an incentive reserves the most that its terms could give for it; with steps, the order's part
of the best-paying step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from common.money import BASIS_POINTS, floor
from incentives.metrics.values import Counted
from incentives.models import Reward, Version
from incentives.rewards import is_money, targets_for

ZERO = Fraction(0)
Reach, Side = Version.Reach, Reward.Side


class Shares(NamedTuple):
    """How much of an order the awards of an incentive may come to, in fen, by side."""

    earner: int
    friend: int


@dataclass(frozen=True, slots=True)
class OnOrder:
    """What an order counts in an incentive.

    ``room``: what the goods that it counts leave for awards after commissions, in fen. ``kept``:
    what it had when its period closed, now its maximum; ``is_fixed``: it keeps exactly that.
    """

    incentive: int
    version: Version
    rewards: Sequence[Reward]
    counted: Counted
    room: int
    kept: Shares | None = None
    is_fixed: bool = False


def share_out(rows: Iterable[OnOrder]) -> dict[int, Shares]:
    """Return what each incentive may take of one order, by its primary key.

    :param rows: all that count the order
    """
    found: dict[int, Shares] = {}
    for group in _groups(rows):
        # Not the sum: several may count the same goods, so only the largest is certain.
        left = max(row.room for row in group)
        for row in sorted(group, key=_oldest_first):
            shares = _shares(row, max(0, min(row.room, left)))
            left -= sum(shares)
            found[row.incentive] = shares
    return found


def _oldest_first(row: OnOrder) -> int:
    return row.incentive


def _shares(row: OnOrder, room: int) -> Shares:
    if row.kept is not None and row.is_fixed:
        return row.kept
    most = Shares(room, room) if row.kept is None else row.kept
    earner = min(room, most.earner, _claim(row, Side.EARNER))
    has_friend = row.counted.subject is not None
    friend = min(room - earner, most.friend, _claim(row, Side.FRIEND)) if has_friend else 0
    return Shares(earner, friend)


def _groups(rows: Iterable[OnOrder]) -> list[list[OnOrder]]:
    """Group the incentives that may count the same goods of the order."""
    groups: list[list[OnOrder]] = []
    for row in rows:
        meeting = [group for group in groups if any(_meet(row, other) for other in group)]
        groups = [group for group in groups if group not in meeting]
        groups.append([*(other for group in meeting for other in group), row])
    return groups


def _meet(first: OnOrder, second: OnOrder) -> bool:
    """Return whether two may count the same goods; a product may be of any category."""
    filters = [(set(row.version.products), set(row.version.categories)) for row in (first, second)]
    (products, categories), (other_products, other_categories) = filters
    if not (products or categories) or not (other_products or other_categories):
        return True
    mixed = (products and other_categories) or (categories and other_products)
    return bool(mixed or products & other_products or categories & other_categories)


def _claim(row: OnOrder, side: str) -> int:
    """Return the most that the terms could give in money for an order."""
    version = row.version
    rewards = [reward for reward in row.rewards if reward.side == side and is_money(reward)]
    if version.reach == Reach.EACH:
        targets = targets_for(version, rewards, row.counted.value, [row.counted])
        return sum(target.amount for target in targets)
    return -floor(-row.counted.value * _highest_rate(version, rewards))  # rounded up


def _highest_rate(version: Version, rewards: Iterable[Reward]) -> Fraction:
    """Return the most that is given for one piece, or fen, at any value that is reached."""
    by_asset: dict[str, dict[int, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    for reward in rewards:
        by_asset[reward.asset][reward.threshold or 1] += _rate(reward)
    if version.sums_steps or version.reach == Reach.EVERY:
        return sum((sum(steps.values(), ZERO) for steps in by_asset.values()), ZERO)
    return sum((max(steps.values()) for steps in by_asset.values()), ZERO)


def _rate(reward: Reward) -> Fraction:
    threshold = reward.threshold or 1
    if reward.kind != Reward.Kind.PERCENT:
        return Fraction(reward.amount or 0, threshold)
    rate = Fraction(reward.rate or 0, BASIS_POINTS)
    return rate if reward.most is None else min(rate, Fraction(reward.most, threshold))
