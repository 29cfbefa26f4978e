"""What a friend sees of an incentive that rewards friends who buy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q

from incentives.metrics.people import (
    Friend,
    ReferredBy,
    first_orders_of,
    referrals_of,
    starts_of_runs,
)
from incentives.models import Contribution, PeriodClosing, Reward, Version
from incentives.models.incentive import Metric
from members.models import Member

DAY = timedelta(days=1)
NONE = Q(pk=None)


class State(StrEnum):
    """How far a friend is: ``ordered`` is paid and not completed yet, ``counted`` is completed."""

    TO_ORDER = "to_order"
    ORDERED = "ordered"
    COUNTED = "counted"
    OVER = "over"
    """No order counts any more: too late, or the friend had ordered before."""


@dataclass(frozen=True, slots=True)
class FriendState:
    """How far a member is as the friend."""

    referrer: str
    """The nickname."""
    order_until: datetime
    """An order counts if it is placed before, and paid before the incentive ends."""
    min_amount: int
    """Fen: a smaller order does not count."""
    state: State


def friend_condition(member: Member, brought: ReferredBy, *, at: datetime) -> Q:
    """Return the condition on versions that would reward an order of a member now.

    An order that does not count, such as one that is too small, leaves the next one to count.
    """
    days_passed = (at - brought.referred_at) // DAY
    condition = Q(metric=Metric.REFERRED_BUYERS, friend_days__gt=days_passed) & rewards_friends()
    friend = first_orders_of({member.pk: brought}).get(member.pk)
    if friend is None:
        return condition
    if not friend.was_new:
        return NONE
    begun = Version.objects.published().filter(
        incentive=OuterRef("incentive"), starts_at__lte=friend.first_placed_at
    )
    return condition & Q(Exists(begun))


def counted_condition(member: Member) -> Q:
    """Return the condition on versions in which a member's first order counts."""
    about_me = Contribution.objects.filter(
        counting(),
        incentive=OuterRef("incentive"),
        subject__in=Member.objects.of_person(member.pk),
    )
    return rewards_friends() & Q(Exists(about_me))


def counting() -> Q:
    """Return the condition on contributions that count, or may still: their period is open."""
    closed = PeriodClosing.objects.filter(
        incentive=OuterRef("incentive"), period_start=OuterRef("period_start")
    )
    return Q(value__gt=0) & (Q(counted=True) | Q(~Exists(closed)))


def rewards_friends() -> Q:
    rewards = Reward.objects.filter(version=OuterRef("pk"), side=Reward.Side.FRIEND)
    return Q(Exists(rewards))


def friend_states(
    versions: Collection[Version], member: Member, *, at: datetime
) -> dict[int, FriendState]:
    """Return how far a member is as the friend, by version; in a constant number of queries."""
    wanted = [row for row in versions if _rewards_friends(row)]
    brought = own_referral(member) if wanted else None
    if brought is None:
        return {}
    referrer = Member.objects.get(pk=brought.referrer).nickname
    friend = first_orders_of({member.pk: brought}).get(member.pk)
    incentives = {row.incentive_id for row in wanted}
    starts = starts_of_runs(incentives)
    counted: dict[int, bool] = dict(
        Contribution.objects.filter(
            counting(),
            incentive__in=incentives,
            subject__in=Member.objects.of_person(member.pk),
        )
        .order_by(F("counted").asc())
        .values_list("incentive_id", "counted")
    )
    states = {}
    for version in wanted:
        key = version.incentive_id
        is_open = may_order(version, brought, friend, start=starts.get(key), at=at)
        state = state_of(counted.get(key), is_open=is_open)
        if state != State.OVER:
            until = order_until(version, brought)
            states[version.pk] = FriendState(referrer, until, version.min_amount, state)
    return states


def state_of(counted: bool | None, *, is_open: bool) -> State:
    """Return the state of a friend.

    :param counted: whether the order that counts is completed; None: there is no such order
    :param is_open: whether an order that is placed now may count
    """
    if counted is not None:
        return State.COUNTED if counted else State.ORDERED
    return State.TO_ORDER if is_open else State.OVER


def may_order(
    version: Version,
    brought: ReferredBy,
    friend: Friend | None,
    *,
    start: datetime | None,
    at: datetime,
) -> bool:
    """Return whether an order that a friend places now may count.

    :param friend: what they have ordered; None: nothing that is paid
    :param start: when the run of the incentive began
    """
    is_new = friend is None or friend.is_new(version, start)
    return is_new and at < order_until(version, brought)


def order_until(version: Version, brought: ReferredBy) -> datetime:
    """Return the moment before which a friend must order."""
    until, ends = brought.until(version), version.counts_until
    return until if ends is None else min(until, ends)


def own_referral(member: Member) -> ReferredBy | None:
    """Return the referral by which a person came; of a merged one the earliest."""
    return referrals_of([member.pk]).get(member.pk)


def _rewards_friends(version: Version) -> bool:
    return any(row.side == Reward.Side.FRIEND for row in version.rewards.all())
