"""Anonymous ids: random, dated and signed by the server, so that nobody invents or prolongs one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from members.models import Member
from members.sessions.tokens import key_for
from sharing.models.shares import ALPHABET

NONCE_LENGTH = 16  # 93 random bits
LIFETIME = timedelta(days=30)
"""An id may be joined to a member for so long after it was issued."""
MAX_AHEAD = timedelta(minutes=5)  # clocks of several servers


def new_anonymous_id(at: datetime) -> str:
    """Return an id of at most 64 characters for a visitor who has none."""
    nonce = "".join(secrets.choice(ALPHABET) for _ in range(NONCE_LENGTH))
    return _signed(f"{nonce}.{int(at.timestamp())}")


def visitor_of(anonymous_id: str, *, at: datetime) -> str:
    """Return the visitor of an anonymous id; empty if it is none of ours, or too old."""
    text, _, _signature = anonymous_id.rpartition(".")
    visitor, _, issued = text.partition(".")
    if not hmac.compare_digest(_signed(text).encode(), anonymous_id.encode()):
        return ""
    age = at - datetime.fromtimestamp(int(issued), UTC)
    return visitor if -MAX_AHEAD <= age <= LIFETIME else ""


def visitor_of_member(member: Member) -> str:
    """Return the visitor under which a member without an anonymous id is counted."""
    return f"m:{member.public_id}"


def _signed(text: str) -> str:
    digest = hmac.new(key_for("visitor"), text.encode(), hashlib.sha256).digest()[:16]
    return f"{text}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
