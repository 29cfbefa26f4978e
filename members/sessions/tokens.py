"""Access tokens (JWT, 15 minutes) and refresh tokens (a chain for each session).

A refresh token is ``{session}.{number}.{hash}``. The hash is an HMAC with the secret key, so that
the successor of a token can be made again: a client that lost an answer gets the same successor.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from members.models import MemberSession

ACCESS_LIFETIME = timedelta(minutes=15)
ALGORITHM = "HS256"
AUDIENCE = "twotier-api"


class SessionError:
    """What the reasons why a token opens nothing have in common."""

    status = 401
    challenge = "Bearer"


class TokenExpired(SessionError, TwotierError):
    code = "token_expired"
    message = _("The access token has expired. Refresh it.")


class TokenInvalid(SessionError, TwotierError):
    is_guess = True
    code = "token_invalid"
    message = _("This token is not valid. Sign in again.")


class SessionRevoked(SessionError, TwotierError):
    code = "session_revoked"
    message = _("This session has ended. Sign in again.")


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    expires_in: int
    """Seconds until the access token expires."""


def tokens(session: MemberSession, *, number: int, at: datetime) -> Tokens:
    """Return an access token and the refresh token of this number."""
    return Tokens(
        access=access_token(session, at=at),
        refresh=refresh_token(session.public_id, number),
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
    )


def access_token(session: MemberSession, *, at: datetime) -> str:
    claims = {
        "aud": AUDIENCE,
        "sid": session.public_id,
        "sub": session.member.public_id,
        "app": session.app_id,
        "iat": at,
        "exp": at + ACCESS_LIFETIME,
    }
    return jwt.encode(claims, key_for("access"), ALGORITHM)


def session_of_access(token: str, *, at: datetime) -> str:
    """Return the public id of the session of an access token.

    :raises TokenExpired: it was valid before
    :raises TokenInvalid: it is none of ours
    """
    try:
        claims = jwt.decode(
            token, key_for("access"), [ALGORITHM], audience=AUDIENCE,
            options={"require": ["exp", "sid"], "verify_exp": False, "verify_iat": False},
        )  # fmt: skip
    except jwt.InvalidTokenError:
        raise TokenInvalid from None
    if datetime.fromtimestamp(claims["exp"], UTC) <= at:
        raise TokenExpired
    return str(claims["sid"])


def refresh_token(session: str, number: int) -> str:
    text = f"{session}.{number}"
    return f"{text}.{hmac.new(key_for('refresh'), text.encode(), hashlib.sha256).hexdigest()}"


def read_refresh(token: str) -> tuple[str, int]:
    """Return the public id of the session, and the number of the token.

    :raises TokenInvalid: it is none of ours
    """
    session, _, rest = token.partition(".")
    number, _, _hash = rest.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # noqa: PLR2004 - an int
        raise TokenInvalid
    if not hmac.compare_digest(refresh_token(session, int(number)).encode(), token.encode()):
        raise TokenInvalid
    return session, int(number)


def key_for(purpose: str) -> bytes:
    """Return the key that signs tokens of one purpose, so that none passes for another."""
    return hashlib.sha256(f"{purpose}:{settings.SECRET_KEY}".encode()).digest()
