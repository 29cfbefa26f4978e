"""Join earlier visits to the member who signs in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from members.models import Member, MemberSession
from members.persons import survivor_of
from sharing.bots import is_bot
from sharing.codes import find_share
from sharing.models import Visit
from sharing.services.binding import bind_by_visits
from sharing.services.shares import save_share
from sharing.services.visitors import join_visitor, save_visit
from sharing.visitors import visitor_of, visitor_of_member


def join_visits(sessions: Sequence[MemberSession], *, at: datetime) -> None:
    """Join the visits that led to these sign-ins, and bind the members by them.

    The sign-in names the anonymous id of earlier visits, and the share that was opened last. The
    caller is the flow of ``members.signed_in``, in the transaction of the sign-in.
    """
    for session in sessions:
        if session.anonymous_id or session.share:
            _join(session, at=at)


def _join(session: MemberSession, *, at: datetime) -> None:
    member = survivor_of(session.member)
    visitor = visitor_of(session.anonymous_id, at=at)
    visits = join_visitor(visitor, member, at=at) if visitor else []
    if (visit := _visit_of_sign_in(session, member, visits, at=at)) is not None:
        visits.append(visit)
    if not visits:
        return
    if member.joined_at == at:  # this sign-in has created the member
        visits[0].is_new_member = True
        visits[0].save(update_fields=["is_new_member"])
    bind_by_visits(visits, member, at=at)


def _visit_of_sign_in(
    session: MemberSession, member: Member, joined: Sequence[Visit], *, at: datetime
) -> Visit | None:
    """Record a visit of the share that the sign-in names, unless one of it has been joined."""
    share = find_share(session.share, at=at) if session.share else None
    if share is None or share.owner == member or is_bot(session.device):
        return None
    share, _is_new = save_share(share, at=at)
    if any(visit.share_id == share.pk for visit in joined):
        return None
    return save_visit(share, visitor_of_member(member), member=member, at=at)[0]
