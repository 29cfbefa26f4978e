"""What a friend sees of an incentive that rewards friends who buy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q

from distribution.models import Referral
from incentives.models import Contribution, Reward, Version
from incentives.models.incentive import Metric
from members.models import Member
from orders.models import Order

DAY = timedelta(days=1)
NONE = Q(pk=None)


@dataclass(frozen=True, slots=True)
class FriendState:
    """How far a friend is: ``ordered`` is paid and not completed yet, ``counted`` is completed."""

    referrer: str
    """The nickname."""
    order_until: datetime
    """The first order counts if it is placed before."""
    ordered: bool
    counted: bool


def friend_condition(member: Member, referral: Referral, *, at: datetime) -> Q:
    """Return the condition on versions that would reward a member's first order now."""
    if _has_bought(member):
        return NONE
    days_passed = (at - referral.at) // DAY
    return rewards_friends() & Q(metric=Metric.REFERRED_BUYERS, friend_days__gt=days_passed)


def counted_condition(member: Member) -> Q:
    """Return the condition on versions in which a member's first order counts."""
    about_me = Contribution.objects.filter(
        incentive=OuterRef("incentive"),
        subject__in=Member.objects.of_person(member.pk),
        value__gt=0,
    )
    return rewards_friends() & Q(Exists(about_me))


def rewards_friends() -> Q:
    rewards = Reward.objects.filter(version=OuterRef("pk"), side=Reward.Side.FRIEND)
    return Q(Exists(rewards))


def friend_states(
    versions: Collection[Version], member: Member, *, at: datetime
) -> dict[int, FriendState]:
    """Return how far a member is as the friend, by version; in a constant number of queries."""
    wanted = [row for row in versions if _rewards_friends(row)]
    referral = first_referral(member) if wanted else None
    if referral is None:
        return {}
    has_bought = _has_bought(member)
    counted: dict[int, bool] = dict(
        Contribution.objects.filter(
            incentive__in={row.incentive_id for row in wanted},
            subject__in=Member.objects.of_person(member.pk),
            value__gt=0,
        )
        .order_by(F("counted").asc())
        .values_list("incentive_id", "counted")
    )
    states = {}
    for version in wanted:
        until = referral.at + version.friend_days * DAY
        is_open = not has_bought and at < until
        if version.incentive_id in counted or is_open:
            states[version.pk] = FriendState(
                referrer=referral.referrer.nickname,
                order_until=min(until, version.ends_at) if version.ends_at else until,
                ordered=version.incentive_id in counted,
                counted=counted.get(version.incentive_id, False),
            )
    return states


def first_referral(member: Member) -> Referral | None:
    """Return the referral by which a person came; of a merged one the earliest."""
    rows = Referral.objects.filter(member__in=Member.objects.of_person(member.pk)).select_related(
        "referrer__merged_into"
    )
    return rows.order_by("at", "pk").first()


def _rewards_friends(version: Version) -> bool:
    return any(row.side == Reward.Side.FRIEND for row in version.rewards.all())


def _has_bought(member: Member) -> bool:
    return Order.objects.visible_to(member).filter(paid_at__isnull=False).exists()
