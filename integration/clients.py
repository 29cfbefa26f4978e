"""Create, rotate and revoke API clients, and recognise their requests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api.callers import Caller
from api.errors import BadRequest, Unavailable
from api.throttling import store
from common import clock, encryption
from common.errors import TwotierError, violated_constraint
from events.services import record
from integration.events import (
    INTEGRATION_CLIENT_CREATED,
    INTEGRATION_CLIENT_REVOKED,
    INTEGRATION_CLIENT_ROTATED,
)
from integration.models import SCOPES, ApiClient
from integration.signatures import NONCE, is_signed, text_to_sign
from members.models import User

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=5)
MAX_DIGITS = 12
USE_RECORDED_EVERY = timedelta(minutes=1)


class ClientNameTaken(TwotierError):
    code = "client_name_taken"
    message = _("There is already a client “%(name)s”. Choose another name.")


class UnknownScope(TwotierError):
    code = "unknown_scope"
    message = _("There is no scope “%(scope)s”. The scopes are: %(scopes)s.")
    status = 400


class ClientRevoked(TwotierError):
    code = "client_revoked"
    message = _("This client is revoked. Create a new one.")


class ClientSwitchedOff(TwotierError):
    code = "client_switched_off"
    message = _("This client is switched off. Ask the shop's staff to switch it on.")
    status = 403


class Unsigned:
    """What the reasons why a request is not a client's have in common."""

    status = 401
    challenge = "Twotier-HMAC"
    is_guess = True


class UnknownKey(Unsigned, TwotierError):
    code = "unknown_key"
    message = _("No client has the key in X-Twotier-Key, or it is revoked.")


class ClockSkew(Unsigned, TwotierError):
    code = "clock_skew"
    message = _(
        "X-Twotier-Timestamp differs by more than 5 minutes from our time, %(server_time)s:"
        " set your clock, and send Unix seconds."
    )


class BadSignature(Unsigned, TwotierError):
    code = "bad_signature"
    message = _(
        "The signature does not fit this request. Sign the bytes that you send; docs/signatures.md"
        " has examples."
    )


class NonceUsed(Unsigned, TwotierError):
    code = "nonce_used"
    message = _("This nonce was used before. Give each request a new one of 8 to 64 characters.")


@dataclass(frozen=True, slots=True)
class ClientCaller(Caller):
    client: ApiClient


@transaction.atomic
def create_client(
    *, name: str, scopes: Sequence[str] | None, at: datetime, by: User | None = None
) -> tuple[ApiClient, str]:
    """Create a client.

    :param scopes: ``None`` for all
    :returns: the client and its secret, which cannot be read again
    :raises ClientNameTaken: another client has the name
    :raises UnknownScope: there is no such scope
    """
    scopes = list(SCOPES) if scopes is None else known_scopes(scopes)
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            client = ApiClient.objects.create(
                name=name, key=f"tk_{secrets.token_hex(12)}", scopes=scopes, created_at=at,
                secret_encrypted=encryption.encrypt(secret),
            )  # fmt: skip
    except IntegrityError as error:
        if "name" not in violated_constraint(error):
            raise
        raise ClientNameTaken(name=name) from None
    record(INTEGRATION_CLIENT_CREATED, client, at=at, by=by, scopes=scopes)
    return client, secret


def known_scopes(scopes: Sequence[str]) -> list[str]:
    """Return the scopes.

    :raises UnknownScope: there is no such scope
    """
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownScope(scope=scope, scopes=", ".join(SCOPES))
    return list(scopes)


@transaction.atomic
def rotate_secret(*, client: ApiClient, at: datetime, by: User | None = None) -> str:
    """Give a client a new secret; the present one stays valid until the next rotation.

    :returns: the new secret, which cannot be read again
    :raises ClientRevoked: the client is revoked
    """
    secret = secrets.token_urlsafe(32)
    live = ApiClient.objects.filter(pk=client.pk, revoked_at=None)
    row = live.select_for_update(no_key=True).first()
    if row is None:
        raise ClientRevoked
    row.old_secret_encrypted, row.secret_encrypted = (
        row.secret_encrypted,
        encryption.encrypt(secret),
    )
    row.rotated_at = at
    row.save(update_fields=["old_secret_encrypted", "secret_encrypted", "rotated_at"])
    record(INTEGRATION_CLIENT_ROTATED, client, at=at, by=by)
    return secret


@transaction.atomic
def revoke_client(*, client: ApiClient, at: datetime, by: User | None = None) -> None:
    """Refuse all further requests of a client.

    :raises ClientRevoked: it is revoked already
    """
    if not ApiClient.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=at):
        raise ClientRevoked
    record(INTEGRATION_CLIENT_REVOKED, client, at=at, by=by)


class SignedRequest(BaseAuthentication):
    """Recognises a client by the signature of its request: key, timestamp, signature, nonce.

    :raises Unsigned: one of them is missing or wrong
    :raises ClientSwitchedOff: it is signed, and staff switched the client off
    :raises Unavailable: Redis, which knows the used nonces, does not answer
    """

    def authenticate(self, request: Request) -> tuple[ClientCaller, ApiClient] | None:
        key = request.headers.get("X-Twotier-Key")
        if key is None:
            return None
        body = request.body  # limited by its size before anything is computed
        client = ApiClient.objects.filter(key=key[:64], revoked_at=None).first()
        if client is None:
            raise UnknownKey
        at = clock.now()
        timestamp = request.headers.get("X-Twotier-Timestamp", "")
        _check_time(timestamp, clock.wall_clock())
        nonce = request.headers.get("X-Twotier-Nonce", "")
        text = text_to_sign(
            timestamp=timestamp, nonce=nonce, method=str(request.method), path=request.path,
            query=request.META.get("QUERY_STRING", ""), body=body,
        )  # fmt: skip
        signature = request.headers.get("X-Twotier-Signature", "")
        if "?" in request.path:
            raise BadRequest  # the text to sign would not tell it from a query
        if not NONCE.fullmatch(nonce) or not is_signed(signature, text, client.secrets):
            raise BadSignature
        if client.switched_off_at:
            raise ClientSwitchedOff
        _use_nonce(client, nonce)
        _record_use(client, at)
        caller = ClientCaller(f"client:{client.public_id}", frozenset(client.scopes), client)
        return caller, client

    def authenticate_header(self, request: Request) -> str:
        return Unsigned.challenge


def _check_time(timestamp: str, at: datetime) -> None:
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= MAX_DIGITS
    seconds = int(timestamp) if is_number else 0
    if abs(seconds - at.timestamp()) > WINDOW.total_seconds():
        raise ClockSkew(server_time=int(at.timestamp()))


def _use_nonce(client: ApiClient, nonce: str) -> None:
    # As long as a timestamp can be valid, from the future to the past.
    seconds = 2 * int(WINDOW.total_seconds())
    try:
        is_new = store().set(f"nonce:{client.key}:{nonce}", 1, nx=True, ex=seconds)
    except redis.RedisError as failure:
        log.warning("nonces_unavailable", error=str(failure))
        raise Unavailable from None
    if not is_new:
        raise NonceUsed


def _record_use(client: ApiClient, at: datetime) -> None:
    stale = Q(last_used_at=None) | Q(last_used_at__lt=at - USE_RECORDED_EVERY)
    if client.last_used_at is None or client.last_used_at < at - USE_RECORDED_EVERY:
        ApiClient.objects.filter(stale, pk=client.pk).update(last_used_at=at)
