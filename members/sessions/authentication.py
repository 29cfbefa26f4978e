"""Recognise the member who calls the API by an access token."""

from __future__ import annotations

from dataclasses import dataclass

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api.callers import Caller
from common import clock
from members.models import Member, MemberSession
from members.sessions.tokens import SessionError, SessionRevoked, TokenInvalid, session_of_access

SCHEME = "Bearer"


@dataclass(frozen=True, slots=True)
class MemberCaller(Caller):
    member: Member
    session: MemberSession


class MemberToken(BaseAuthentication):
    """``Authorization: Bearer`` with an access token; the session's row is read on every call.

    :raises SessionError: the token opens nothing
    """

    def authenticate(self, request: Request) -> tuple[MemberCaller, MemberSession] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME:
            return None
        if not token.isascii():
            raise TokenInvalid
        at = clock.now()
        public_id = session_of_access(token, at=at)
        rows = MemberSession.objects.filter(public_id=public_id)
        session = rows.select_related("member__merged_into").first()
        if session is None or session.ended_at or session.expires_at <= at:
            raise SessionRevoked
        # A merged member goes on as the survivor.
        member = session.member.merged_into or session.member
        if member.locked_at or member.closed_at:
            raise SessionRevoked
        caller = MemberCaller(
            f"member:{member.public_id}", frozenset(session.scopes), member, session
        )
        return caller, session

    def authenticate_header(self, request: Request) -> str:
        return SessionError.challenge
