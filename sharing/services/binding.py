"""Bind a member to the sharer of a share that they visited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Max, QuerySet

from distribution.models import Binding, Source
from distribution.queries import binding_of
from distribution.services import refer
from events.models import Reference
from members.models import Member
from sharing.models import Share, Visit

SETTLED = frozenset({"bound", "has_upline", "first_order", "not_new"})
"""Outcomes of a referral after which further visits cannot bind the member."""


def bind_by_visits(
    visits: Iterable[Visit], member: Member, *, at: datetime, is_tapped: bool = False
) -> None:
    """Refer a member to the sharers of visits, in this order, until the outcome is settled.

    The distribution policy decides about each referral. Visits of a share that is switched off by
    now are skipped, and without a tap also those before the member last left an upline.

    :param visits: with ``share__member`` selected
    :param is_tapped: the member has asked for it, so that an idle upline may be replaced
    """
    left_at = last_left(member)
    for visit in visits:
        off_at = visit.share.disabled_at
        if off_at and off_at <= at:
            continue
        if left_at and visit.at <= left_at and not is_tapped:
            continue
        result = refer(
            member=member, referrer=visit.share.member, source=Source.SHARE, at=at,
            evidence=Reference.to(visit), may_poach=is_tapped,
        )  # fmt: skip
        if result.outcome in SETTLED:
            return


def last_left(member: Member) -> datetime | None:
    """Return when a member last left an upline; ``None`` if never."""
    left = bindings_left(member)
    ended_at: datetime | None = left.aggregate(at=Max("ended_at"))["at"]
    return ended_at


def bindings_left(member: Member) -> QuerySet[Binding]:
    """Return the bindings that a person has left, under any of their merged members."""
    persons = Member.objects.of_person(member.pk)
    return Binding.objects.filter(member__in=persons, end_reason=Binding.EndReason.LEFT)


def is_bound_to(member: Member, share: Share, *, at: datetime) -> bool:
    """Return whether the sharer is the member's upline at a moment."""
    binding = binding_of(member, at=at)
    return binding is not None and binding.distributor.member_id == share.owner.pk
