"""Open, refresh and end the sessions of members."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from common.locks import lock_rows
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


class AccountLocked(TwotierError):
    code = "account_locked"
    message = _("This account is locked. Ask the shop.")
    status = 403


class AccountClosed(TwotierError):
    code = "account_closed"
    message = _("This account is closed and cannot be opened again.")
    status = 403


@transaction.atomic
def open_session(
    *,
    member: Member,
    at: datetime,
    app_id: str = "",
    device: str = "",
    share: str = "",
    anonymous_id: str = "",
    scopes: Iterable[str] = MEMBER_SCOPES,
    lifetime: timedelta = LIFETIME,
) -> tuple[MemberSession, Tokens]:
    """Open a session for a member who has just proven who they are.

    :param lifetime: a shorter one than ``LIFETIME`` is not prolonged by refreshes
    :param share: the share by which the member came; ``anonymous_id``: that of earlier visits
    :raises AccountLocked: the staff has locked the member out
    :raises AccountClosed: the member has closed the account
    """
    require_open_account(member)
    session = MemberSession.objects.create(
        member=member, app_id=app_id, device=device[:120], scopes=list(scopes),
        share=share, anonymous_id=anonymous_id,
        started_at=at, last_used_at=at, expires_at=at + lifetime,
    )  # fmt: skip
    record(
        MEMBERS_SIGNED_IN, member, at=at, by=member, session=session.public_id,
        follower_input=[session],
    )  # fmt: skip
    return session, tokens(session, number=0, at=at)


def require_open_account(member: Member) -> None:
    """Lock the member, and check that the account is open.

    :raises AccountLocked: the staff has locked the member out
    :raises AccountClosed: the member has closed the account
    """
    # Under a lock: a lock-out at the same moment ends this session, too.
    rows = Member.objects.filter(pk=member.pk)
    lock_rows(rows)
    current = rows.get()
    if current.closed_at:
        raise AccountClosed
    if current.locked_at:
        raise AccountLocked


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
            if locked.expires_at - locked.last_used_at >= LIFETIME:  # a short one stays short
                locked.expires_at = at + LIFETIME
            locked.last_used_at = at
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


def sign_out(*, token: str, at: datetime) -> None:
    """End the session of a refresh token; one that has ended stays as it is.

    :raises TokenInvalid: it is none of ours
    """
    public_id, _number = read_refresh(token)
    rows = MemberSession.objects.filter(public_id=public_id)
    end_sessions(rows, reason=Reason.SIGNED_OUT, at=at)


def revoke(*, session: MemberSession, at: datetime) -> None:
    """End a session as its member wants it; one that has ended stays as it is."""
    end_sessions([session], reason=Reason.REVOKED, at=at)


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
