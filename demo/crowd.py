"""Fill the demo's shop with a few hundred members, who come one by one over a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from demo.names import CITIES, GIVEN_NAMES, STATEMENTS, SURNAMES
from distribution.models import Source
from distribution.services import apply, approve, refer
from events.models import Reference
from members.models import Identity, Member, User
from members.services import join
from sharing.models import Share

MEMBERS_A_WEEK = 6
DISTRIBUTING = 0.19
"""The part of the members who distribute."""
WEEK = timedelta(weeks=1)
EVIDENCE = Reference("demo.crowd", "share")
UNINVITED = 0.25
"""The part of the members whom nobody brought."""


@dataclass
class Crowd:
    """Those who have joined so far, and those of them who distribute."""

    members: list[Member] = field(default_factory=list)
    distributors: list[Member] = field(default_factory=list)
    uplines: dict[int, int] = field(default_factory=dict)
    """The key of the distributor who brought a member, by the member's."""
    shares: dict[int, list[Share]] = field(default_factory=dict)
    """By the key of the member who made them."""


@dataclass(frozen=True)
class Arrival:
    number: int
    at: datetime
    distributes: bool


def arrivals(dice: Random, *, opening: datetime, until: datetime) -> list[Arrival]:
    """Return when each member comes; more of them the longer the shop is open."""
    length = until - opening
    size = MEMBERS_A_WEEK * (length // WEEK + 1)
    moments = sorted(opening + length * dice.random() ** 0.7 for _ in range(size))
    # Distributors come early, so that they have time to sell.
    chances = [dice.random() * (number + size // 8) for number in range(size)]
    chosen = set(sorted(range(size), key=chances.__getitem__)[: round(size * DISTRIBUTING)])
    return [Arrival(number, at, number in chosen) for number, at in enumerate(moments)]


def welcome(crowd: Crowd, arrival: Arrival, *, by: User, dice: Random) -> Member:
    """Let one member join, come to somebody's team, and perhaps distribute."""
    member = _join(arrival, dice)
    if crowd.distributors and dice.random() > UNINVITED:
        friend = _popular(crowd.distributors, dice)
        refer(
            member=member, referrer=friend, source=Source.SHARE,
            at=arrival.at + timedelta(minutes=3), evidence=EVIDENCE,
        )  # fmt: skip
        crowd.uplines[member.pk] = friend.pk
    if arrival.distributes:
        applied = arrival.at + timedelta(minutes=20)
        application = apply(member=member, at=applied, statement=dice.choice(STATEMENTS))
        approve(application=application, by=by, at=applied + timedelta(hours=5))
        crowd.distributors.append(member)
    crowd.members.append(member)
    return member


def _join(arrival: Arrival, dice: Random) -> Member:
    province, city = dice.choices(
        [place for place, _weight in CITIES], [weight for _place, weight in CITIES]
    )[0]
    member, _is_new = join(
        provider=Identity.Provider.MALL, external_id=f"demo-c{arrival.number:03}",
        nickname=dice.choice(SURNAMES) + dice.choice(GIVEN_NAMES), province=province, city=city,
        at=arrival.at,
    )  # fmt: skip
    return member


def _popular(distributors: Sequence[Member], dice: Random) -> Member:
    """Return a distributor; the first ones have the most friends, as everywhere."""
    return distributors[int(len(distributors) * dice.random() ** 2.5)]
