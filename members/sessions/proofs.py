"""Prove to a third party, such as the mall's server, who a member is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import jwt
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.models import Member, MemberSession
from members.sessions.tokens import ALGORITHM, key_for

LIFETIME = timedelta(minutes=5)
AUDIENCE = "twotier-link"


class LinkTokenInvalid(TwotierError):
    code = "link_token_invalid"
    message = _(
        "This proof of a member is wrong, older than 5 minutes, or its session has ended. The"
        " member's client gets a new one from POST /me/link-token. Nothing was changed."
    )
    status = 422


def link_token(session: MemberSession, *, at: datetime) -> str:
    """Return a proof with which the mall's server speaks for the member; it opens no session."""
    claims = {"aud": AUDIENCE, "sid": session.public_id, "iat": at, "exp": at + LIFETIME}
    return jwt.encode(claims, key_for("link"), ALGORITHM)


def member_of_link_token(token: str, *, at: datetime) -> Member:
    """Return the member whom a proof is about; of a merged one, the survivor.

    :raises LinkTokenInvalid: it is none of ours, too old, or the session has ended
    """
    try:
        claims = jwt.decode(
            token, key_for("link"), [ALGORITHM], audience=AUDIENCE,
            options={"require": ["exp", "sid"], "verify_exp": False, "verify_iat": False},
        )  # fmt: skip
    except (jwt.InvalidTokenError, UnicodeError):
        raise LinkTokenInvalid from None
    rows = MemberSession.objects.filter(public_id=claims["sid"]).open_at(at)
    session = rows.select_related("member__merged_into").first()
    if session is None or datetime.fromtimestamp(claims["exp"], UTC) <= at:
        raise LinkTokenInvalid
    member = session.member.merged_into or session.member
    if member.locked_at or member.closed_at:
        raise LinkTokenInvalid
    return member
