"""Save visits, and join the visits of an anonymous visitor to one member."""

from __future__ import annotations

from datetime import datetime

from common.clock import business_day
from members.models import Member
from sharing.models import Share, Visit, VisitorClaim
from sharing.visitors import LIFETIME

MAX_AGENT = 200


def save_visit(
    share: Share, visitor: str, *, member: Member | None, user_agent: str = "",
    ip: str | None = None, at: datetime,
) -> tuple[Visit, bool]:  # fmt: skip
    """Return the visit of a visitor on this day, and whether it was inserted now.

    :param share: a stored one
    :param visitor: from ``visitors.visitor_of`` or ``visitor_of_member``
    """
    agent = user_agent.replace("\0", "")[:MAX_AGENT]
    visit = Visit(
        share=share, visitor=visitor, day=business_day(at), at=at, member=member,
        joined_at=at if member else None, ip=ip, user_agent=agent, is_new_member=False,
    )  # fmt: skip
    public_id = visit.public_id
    Visit.objects.bulk_create([visit], ignore_conflicts=True)
    stored = Visit.objects.select_related("share__member").get(
        share=share, visitor=visitor, day=visit.day
    )
    return stored, stored.public_id == public_id


def claim_visitor(visitor: str, member: Member, *, at: datetime) -> bool:
    """Assign an anonymous visitor to a member; return whether it is the member's now.

    A visitor belongs to one member: the first who signs in.
    """
    claim = VisitorClaim(visitor=visitor, member=member, at=at)
    VisitorClaim.objects.bulk_create([claim], ignore_conflicts=True)
    return VisitorClaim.objects.get(visitor=visitor).member_id == member.pk


def join_visitor(visitor: str, member: Member, *, at: datetime) -> list[Visit]:
    """Join an anonymous visitor's visits of the last 30 days to a member, the oldest first.

    Nothing is joined if the visitor belongs to another member.
    """
    waiting = Visit.objects.filter(visitor=visitor, member=None, at__gte=at - LIFETIME, at__lte=at)
    keys = list(waiting.values_list("pk", flat=True))
    if not keys or not claim_visitor(visitor, member, at=at):
        return []
    Visit.objects.filter(pk__in=keys, member=None).update(member=member, joined_at=at)
    joined = Visit.objects.filter(pk__in=keys, member=member)
    return list(joined.select_related("share__member").order_by("at", "pk"))
