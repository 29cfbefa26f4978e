"""What a member sees of the friends whom they brought: how far each is, and what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from distribution.models import Referral
from distribution.rules import masked_name
from incentives.metrics.facts import person
from incentives.metrics.people import (
    Friend,
    ReferredBy,
    first_orders_of,
    person_ids,
    referrals_of,
    starts_of_runs,
)
from incentives.models import Contribution, Version
from incentives.models.incentive import Metric
from incentives.overview.friends import State, counting, may_order, order_until, state_of
from members.models import Member

MOST = 20
"""How many friends are shown, the latest first."""


@dataclass(frozen=True, slots=True)
class ReferredFriend:
    """How far a friend is."""

    name: str
    """Masked."""
    order_until: datetime
    """An order counts if it is placed before, and paid before the incentive ends."""
    min_amount: int
    """Fen: a smaller order does not count."""
    state: State


@dataclass(frozen=True, slots=True)
class _Known:
    """A friend, and what they have ordered; None: nothing that is paid."""

    member: Member
    brought: ReferredBy
    orders: Friend | None


def referred_friends(
    versions: Collection[Version], member: Member, *, at: datetime
) -> dict[int, list[ReferredFriend]]:
    """Return the friends of a member by version, of those that count friends.

    The number of queries does not grow with the versions, nor with the friends.
    """
    wanted = [row for row in versions if row.metric == Metric.REFERRED_BUYERS]
    friends = _latest(member) if wanted else {}
    incentives = {row.incentive_id for row in wanted}
    starts = starts_of_runs(incentives) if friends else {}
    counted = _counted(incentives, member, friends) if friends else {}
    return {
        version.pk: [
            _shown(
                version,
                friend,
                counted.get((version.incentive_id, who)),
                start=starts[version.incentive_id],
                at=at,
            )
            for who, friend in friends.items()
            if friend.brought.until(version) > starts[version.incentive_id]
        ]
        for version in wanted
    }


def _shown(
    version: Version, friend: _Known, counted: bool | None, *, start: datetime, at: datetime
) -> ReferredFriend:
    is_open = friend.member.closed_at is None and may_order(
        version, friend.brought, friend.orders, start=start, at=at
    )
    return ReferredFriend(
        name=masked_name(friend.member.nickname),
        order_until=order_until(version, friend.brought),
        min_amount=version.min_amount,
        state=state_of(counted, is_open=is_open),
    )


def _latest(member: Member) -> dict[int, _Known]:
    """Return the latest whom a member brought, by person, the latest first."""
    mine = Referral.objects.filter(referrer__in=Member.objects.of_person(member.pk))
    latest = mine.order_by("-at", "-member_id").annotate(friend=person("member"))
    people = list(dict.fromkeys(latest.values_list("friend", flat=True)[:MOST]))
    brought = {who: row for who, row in referrals_of(people).items() if row.referrer == member.pk}
    members = Member.objects.in_bulk(list(brought))
    orders = first_orders_of(brought)
    return {
        who: _Known(members[who], brought[who], orders.get(who)) for who in people if who in brought
    }


def _counted(
    incentives: Collection[int], member: Member, friends: Mapping[int, _Known]
) -> dict[tuple[int, int], bool]:
    """Return by incentive and friend whether the order that counts is completed."""
    ids = person_ids(friends)
    rows = Contribution.objects.filter(
        counting(),
        incentive__in=incentives,
        subject__in=list(ids),
        member__in=Member.objects.of_person(member.pk),
    )
    found: dict[tuple[int, int], bool] = {}
    for incentive, subject, counted in rows.values_list("incentive", "subject", "counted"):
        key = incentive, ids[subject]
        found[key] = found.get(key, False) or counted
    return found
