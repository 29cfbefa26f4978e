"""Refer and bind a member to the one whose share they visited."""

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
"""Outcomes after which another visit would have no other."""


def bind_by_visits(
    visits: Iterable[Visit], member: Member, *, at: datetime, is_tapped: bool = False
) -> None:
    """Refer a member to the ones whose shares they visited, in this order, until one binds.

    The distribution policy decides. Who has left an upline is bound only by visits after that, or
    by a tap.
    """
    left_at = last_left(member)
    for visit in visits:
        if left_at and visit.at <= left_at and not is_tapped:
            continue
        result = refer(
            member=member, referrer=visit.share.member, source=Source.SHARE, at=at,
            evidence=Reference.to(visit), may_poach=is_tapped,
        )  # fmt: skip
        if result.outcome in SETTLED:
            return


def last_left(member: Member) -> datetime | None:
    """Return when a member last left an upline."""
    left = bindings_left(member)
    moment: datetime | None = left.aggregate(at=Max("ended_at"))["at"]
    return moment


def bindings_left(member: Member) -> QuerySet[Binding]:
    """Return the bindings that a member has left, and those merged into it."""
    persons = Member.objects.of_person(member.pk)
    return Binding.objects.filter(member__in=persons, end_reason=Binding.EndReason.LEFT)


def is_bound_to(member: Member, share: Share, *, at: datetime) -> bool:
    """Return whether a member's upline is the one who shared."""
    binding = binding_of(member, at=at)
    return binding is not None and binding.distributor.member_id == share.owner.pk
