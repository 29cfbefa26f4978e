"""What the oracle recounts from: terms as people read them, people, and what each of them has.

Part of the oracle: people by their nicknames, money in fen, and no look at the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from orders.snapshots import OrderSnapshot

MOST_OF_AN_ORDER = 60  # percent of what was paid, commissions included
THINGS = ("coupon", "gift")


class Prize(NamedTuple):
    """``of`` is an amount, or a percentage of what was counted with at most ``most``.

    Of a thing it is 1, and ``asset`` says which. In a contest ``threshold`` is the place.
    """

    of: int
    asset: str
    threshold: int = 1
    side: str = "earner"
    is_percent: bool = False
    most: int | None = None


@dataclass(frozen=True)
class Terms:
    """A version of an incentive, as members read it."""

    metric: str
    period: str
    reach: str
    prizes: tuple[Prize, ...]
    starts_at: datetime
    ends_at: datetime | None = None
    close_days: int = 15
    takes_back: bool = False
    sums_steps: bool = False
    min_amount: int = 0
    friend_days: int = 30
    goods: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    ties: str = "split"

    @property
    def is_decided_at_close(self) -> bool:
        return self.reach == "rank" or self.metric == "team_pool"

    @property
    def counts_money(self) -> bool:
        return self.metric in ("own_sales", "own_spend", "team_pool")


@dataclass(frozen=True)
class Town:
    """Who buys through whom, and who was brought by whom and when; none of it changes.

    ``levels``: of distributors, in the order in which they joined. ``categories``: of goods.
    ``channels``: of shares, by the codes that orders carry.
    """

    upline: Mapping[str, str]
    brought: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)


class Handed(NamedTuple):
    """A picture that a distributor handed in as proof."""

    number: int
    who: str
    at: datetime
    is_approved: bool


class Given(NamedTuple):
    """What an award is unique by: the rest of its name says what reached it."""

    incentive: int
    who: str
    period: date
    basis: str
    asset: str


@dataclass(frozen=True)
class Counted:
    order: OrderSnapshot
    who: str
    value: int
    paid: int
    commissions: int
    since: datetime
