"""Count visits of shares, and bind members who visit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from distribution.models import Distributor
from distribution.services import lock_members
from members.models import Member
from members.persons import survivor_of
from sharing import targets
from sharing.bots import is_bot
from sharing.codes import find_share, target_of
from sharing.landing import Landing, landing_of
from sharing.models import Share, Visit, VisitorClaim
from sharing.models.visits import MAX_PAGES
from sharing.services.binding import bind_by_visits, is_bound_to
from sharing.services.shares import save_share
from sharing.services.visitors import claim_visitor, join_visitor, save_visit
from sharing.targets import Target, TargetFacts
from sharing.visitors import new_anonymous_id, visitor_of, visitor_of_member

MAX_PATH = 200
PAGES_OPEN = timedelta(days=1)
NOWHERE = Landing("/", "")


class VisitUnknown(TwotierError):
    code = "visit_unknown"
    message = _("There is no visit with this id.")
    status = 404


@dataclass(frozen=True, slots=True)
class VisitResult:
    """The answer to a visitor. All codes that open nothing have the same one."""

    anonymous_id: str
    """For the next visits and the sign-in of this visitor."""
    share: Share | None = None
    visit: Visit | None = None
    """``None`` for bots, and for the member's own share."""
    is_new: bool = False
    """The first visit of this visitor on this day."""
    is_bound: bool = False
    """The member's upline is the sharer."""
    is_own: bool = False
    distributor: Distributor | None = None
    """The sharer, if an active distributor."""
    target: Target | None = None
    facts: TargetFacts | None = None
    landing: Landing = NOWHERE


def record_visit(
    *, code: str, anonymous_id: str = "", member: Member | None = None, user_agent: str = "",
    ip: str | None = None, is_tapped: bool = False, at: datetime,
) -> VisitResult:  # fmt: skip
    """Record that somebody opened a share, once for a visitor and day; bind a member.

    An existing upline stays, unless the policy lets the sharer replace it and the member has
    tapped: opening a page is no decision.

    :param anonymous_id: one that an earlier visit has returned; any other is replaced
    :param member: the member who is signed in
    """
    visitor, anonymous_id = _visitor(anonymous_id, member, at=at)
    share = find_share(code, at=at)
    facts = targets.find(target_of(share), at=at) if share else None
    if share is None or facts is None:
        return VisitResult(anonymous_id)
    is_own = member is not None and share.owner == survivor_of(member)
    visit, is_new, is_bound = None, False, False
    if not is_own and not is_bot(user_agent):
        with transaction.atomic():
            if member:
                lock_members(member.pk)  # first, as sign-ins and orders do
                visitor = _join(visitor, member, at=at)
            share, _created = save_share(share, at=at)
            visit, is_new = save_visit(
                share, visitor, member=member, user_agent=user_agent, ip=ip, at=at
            )
            if member:
                bind_by_visits([visit], member, at=at, is_tapped=is_tapped)
                is_bound = is_bound_to(member, share, at=at)
    return VisitResult(
        anonymous_id, share, visit, is_new, is_bound, is_own, active_distributor(share),
        target_of(share), facts, landing_of(share, facts, code=code),
    )  # fmt: skip


def _join(visitor: str, member: Member, *, at: datetime) -> str:
    """Join an anonymous visitor to the member who is signed in; return the visitor to count."""
    own = visitor_of_member(member)
    if visitor == own or not claim_visitor(visitor, member, at=at):
        return own
    join_visitor(visitor, member, at=at)
    return visitor


def active_distributor(share: Share) -> Distributor | None:
    """Return the sharer if an active distributor: nobody learns why others are not shown."""
    rows = Distributor.objects.filter(member=share.owner, status=Distributor.Status.ACTIVE)
    return rows.select_related("member").first()


_ADD_PAGE = """
UPDATE sharing_visit SET pages = array_append(pages, %(path)s::varchar)
WHERE public_id = %(visit)s AND cardinality(pages) < %(most)s
    AND pages[cardinality(pages)] IS DISTINCT FROM %(path)s::varchar
"""


def record_page(*, visit: str, path: str, at: datetime) -> None:
    """Add a page to a visit, up to 50 pages; the same page twice in a row counts once.

    :param visit: its public id
    :param path: parameters are cut off, because they may be personal
    :raises VisitUnknown: there is no such visit, or it is over a day old
    """
    if not Visit.objects.filter(public_id=visit, at__gt=at - PAGES_OPEN).exists():
        raise VisitUnknown
    page = re.split(r"[?#]", path, maxsplit=1)[0][:MAX_PATH]
    with connection.cursor() as cursor:
        cursor.execute(_ADD_PAGE, {"visit": visit, "path": page, "most": MAX_PAGES})


def _visitor(anonymous_id: str, member: Member | None, *, at: datetime) -> tuple[str, str]:
    """Return the visitor, and the anonymous id for the next requests.

    An id that belongs to another member is replaced: an id joins one member only.
    """
    visitor = visitor_of(anonymous_id, at=at)
    claim = VisitorClaim.objects.filter(visitor=visitor).first() if visitor else None
    if visitor and (claim is None or (member and claim.member_id == member.pk)):
        return visitor, anonymous_id
    new = new_anonymous_id(at)
    return (visitor_of_member(member) if member else visitor_of(new, at=at)), new
