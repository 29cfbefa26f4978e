"""Open, refresh and end the sessions of members."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from events.services import record
from members.events import MEMBERS_SESSION_ENDED, MEMBERS_SIGNED_IN
from members.models import Member, MemberSession
from members.sessions.tokens import SessionRevoked, Tokens, read_refresh, tokens

Reason = MemberSession.EndReason

LIFETIME = timedelta(days=90)  # after the last refresh
GRACE = timedelta(seconds=30)
LOST_ANSWER = timedelta(hours=24)
"""How long a token works again whose successor never came back."""

MEMBER_SCOPES = ("me:read", "me:write", "share", "withdraw")


@transaction.atomic
def open_session(
    *,
    member: Member,
    at: datetime,
    app_id: str = "",
    device: str = "",
    scopes: Iterable[str] = MEMBER_SCOPES,
    lifetime: timedelta = LIFETIME,
) -> tuple[MemberSession, Tokens]:
    """Open a session for a member who has just proven who they are."""
    session = MemberSession.objects.create(
        member=member, app_id=app_id, device=device[:120], scopes=list(scopes),
        started_at=at, last_used_at=at, expires_at=at + lifetime,
    )  # fmt: skip
    record(MEMBERS_SIGNED_IN, member, at=at, by=member, session=session.public_id)
    return session, tokens(session, number=0, at=at)


def refresh(*, token: str, at: datetime) -> tuple[MemberSession, Tokens]:
    """Exchange a refresh token for its successor and a new access token.

    The token before stays valid until its successor is used, for 24 hours at most, and for 30
    seconds after that: clients repeat lost requests, and send parallel ones. A later use of an old
    token ends the session, because two parties have it.

    :raises TokenInvalid: it is none of ours
    :raises SessionRevoked: the session has ended, or ends now
    """
    public_id, number = read_refresh(token)
    with transaction.atomic():
        rows = MemberSession.objects.filter(public_id=public_id)
        locked = rows.select_for_update(no_key=True, of=("self",)).first()
        if locked is None or locked.ended_at or locked.expires_at <= at:
            raise SessionRevoked
        successor = _rotate(locked, number, at)
        if successor is not None:
            locked.last_used_at, locked.expires_at = at, at + LIFETIME
            locked.save()
            return locked, tokens(locked, number=successor, at=at)
        end_sessions(rows, reason=Reason.REUSED, at=at)
    raise SessionRevoked


def _rotate(session: MemberSession, number: int, at: datetime) -> int | None:
    """Return the number of the successor of a token; ``None`` if the token is too old."""
    current = session.generation
    if number == current + 1 and session.successor_at:
        # The client has received the successor: the token before it gets a grace.
        session.generation, session.successor_at = number, at
        session.grace_until = at + GRACE
        return number + 1
    if number == current:
        session.successor_at = session.successor_at or at
        is_late = at > session.successor_at + LOST_ANSWER
        return None if is_late else number + 1
    if number == current - 1 and session.grace_until and at <= session.grace_until:
        return current
    return None


@transaction.atomic
def end_sessions(
    rows: Iterable[MemberSession], *, reason: MemberSession.EndReason, at: datetime
) -> int:
    """End those of these sessions that are open; return how many."""
    keys = [row.pk for row in rows]
    live = MemberSession.objects.filter(pk__in=keys, ended_at=None).select_related("member")
    ended = list(live.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    for session in ended:
        session.ended_at, session.end_reason = at, reason
        record(
            MEMBERS_SESSION_ENDED, session.member, at=at, session=session.public_id,
            reason=str(reason),
        )  # fmt: skip
    MemberSession.objects.bulk_update(ended, ["ended_at", "end_reason"])
    return len(ended)
