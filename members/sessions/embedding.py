"""Sessions that the mall opens for its members, so that its pages show ours.

The mall gets a token of 60 seconds that is redeemed once, by POST: no log of a server
has it. The session reads and shares; it withdraws nothing, whatever the mall asks for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError
from events.services import record
from members.events import MEMBERS_SESSION_OFFERED, MEMBERS_SIGNED_IN
from members.models import Member, MemberSession
from members.sessions.services import Reason, end_sessions, require_open_account
from members.sessions.tokens import SessionRevoked, Tokens, key_for, tokens

EMBEDDED = MemberSession.Kind.EMBEDDED
LINK_LIFETIME = timedelta(seconds=60)
LIFETIME = timedelta(hours=1)
SCOPES = ("me:read", "share")


class EmbedScopeRefused(TwotierError):
    code = "embed_scope_refused"
    message = _("The mall opens sessions that read and share only: %(scopes)s.")
    status = 400


class ReturnNotAllowed(TwotierError):
    code = "return_not_allowed"
    message = _(
        "Embedded pages do not return to this address. Use https, and a host that the shop lists in"
        " EMBED_RETURN_HOSTS."
    )
    status = 400


class EmbedTokenInvalid(TwotierError):
    code = "embed_token_invalid"
    message = _("This token is none of ours. Ask the mall for a new one.")
    status = 400


class EmbedTokenExpired(TwotierError):
    code = "embed_token_expired"
    message = _("This token was valid for 60 seconds. Ask the mall for a new one.")


class EmbedTokenUsed(TwotierError):
    code = "embed_token_used"
    message = _("This token was used before, so its session has ended. Ask the mall for a new one.")


@dataclass(frozen=True, slots=True)
class Embedded:
    session: MemberSession
    tokens: Tokens


@transaction.atomic
def offer_session(
    *, member: Member, scopes: Sequence[str], return_to: str, source: str, at: datetime,
    by: models.Model,
) -> str:  # fmt: skip
    """Return the token with which a page opens a session of a member within 60 seconds.

    :param source: who asks for it, shown to the member as the device
    :raises EmbedScopeRefused: a scope does more than read or share, or there is none
    :raises ReturnNotAllowed: ``return_to`` is on no host of ``EMBED_RETURN_HOSTS``
    :raises AccountLocked, AccountClosed: the member has no open account
    """
    if not scopes or not set(scopes) <= set(SCOPES):
        raise EmbedScopeRefused(scopes=", ".join(SCOPES))
    if not _may_return_to(return_to):
        raise ReturnNotAllowed
    require_open_account(member)
    session = MemberSession.objects.create(
        member=member, kind=EMBEDDED, scopes=sorted(set(scopes)), return_to=return_to,
        device=source, started_at=at, last_used_at=at, expires_at=at + LINK_LIFETIME,
    )  # fmt: skip
    record(
        MEMBERS_SESSION_OFFERED, member, at=at, by=by, session=session.public_id,
        scopes=session.scopes,
    )  # fmt: skip
    return _token(session.public_id)


def redeem(*, token: str, at: datetime) -> Embedded:
    """Open the session of a token. A second use ends it, because two parties have the token.

    :raises EmbedTokenInvalid, EmbedTokenExpired, EmbedTokenUsed: the token opens nothing
    :raises SessionRevoked: the member's sessions have been ended meanwhile
    :raises AccountLocked, AccountClosed: the member has no open account
    """
    public_id = token.partition(".")[0]
    if not hmac.compare_digest(_token(public_id).encode(), token.encode()):
        raise EmbedTokenInvalid
    with transaction.atomic():
        rows = MemberSession.objects.filter(public_id=public_id, kind=EMBEDDED)
        session = rows.select_related("member__merged_into").first()
        if session is None:
            raise EmbedTokenInvalid
        require_open_account(session.member.merged_into or session.member)
        session = rows.select_for_update(no_key=True, of=("self",)).select_related("member").get()
        if session.redeemed_at is None:
            return _open(session, at=at)
        end_sessions(rows, reason=Reason.REUSED, at=at)
    raise EmbedTokenUsed


def _open(session: MemberSession, *, at: datetime) -> Embedded:
    if session.ended_at:
        raise SessionRevoked
    if session.expires_at <= at:
        raise EmbedTokenExpired
    session.redeemed_at = session.last_used_at = at
    session.expires_at = at + LIFETIME
    session.save(update_fields=["redeemed_at", "last_used_at", "expires_at"])
    record(
        MEMBERS_SIGNED_IN, session.member, at=at, by=session.member, session=session.public_id,
        follower_input=[session],
    )  # fmt: skip
    return Embedded(session, tokens(session, number=0, at=at))


def _may_return_to(address: str) -> bool:
    hosts = set(settings.EMBED_RETURN_HOSTS)
    return address.startswith("https://") and url_has_allowed_host_and_scheme(
        address, hosts, require_https=True
    )


def _token(public_id: str) -> str:
    # The key is random and the id has 100 random bits: nobody guesses one, and none is stored.
    digest = hmac.new(key_for("embed"), public_id.encode(), hashlib.sha256).hexdigest()
    return f"{public_id}.{digest}"
