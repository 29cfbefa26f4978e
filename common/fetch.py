"""Fetch a file from a host that is listed, and from nowhere else.

The addresses come from malls and from WeChat, so they are input like any other: a host is matched
by its whole labels, its addresses must be public, redirects are not followed, and time, size and
type have limits.
"""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from common.outgoing import NotPublic, Target, Unresolved, connected, resolve

MAX_LENGTH = 2_000  # characters of an address
HTTPS_PORT = 443
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
CHUNK = 65_536
HEADERS = {
    "Accept": "image/jpeg, image/png, image/webp;q=0.9, */*;q=0.1",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "Twotier/1",
}


class Refusal(TextChoices):
    """Why nothing was fetched."""

    ADDRESS = "address", _("The address is not a plain https address.")
    HOST = "host", _("Its host is not listed in PICTURE_HOSTS.")
    UNRESOLVED = "unresolved", _("Its host has no address.")
    NOT_PUBLIC = "not_public", _("Its host has an address that is not public.")
    TIMEOUT = "timeout", _("The host took too long.")
    TLS = "tls", _("The certificate of the host is not valid.")
    CONNECTION = "connection", _("The connection failed.")
    REDIRECT = "redirect", _("The host leads to another address.")
    STATUS = "status", _("The host answers with an error.")
    CONTENT_TYPE = "content_type", _("The answer is of another type.")
    TOO_LARGE = "too_large", _("The file is too large.")


TEMPORARY = (
    Refusal.UNRESOLVED, Refusal.TIMEOUT, Refusal.TLS, Refusal.CONNECTION, Refusal.STATUS,
)  # fmt: skip
"""The refusals after which another try may succeed."""


class FetchRefused(Exception):
    """Nothing was fetched."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason.value)
        self.reason = reason

    @property
    def is_temporary(self) -> bool:
        return self.reason in TEMPORARY


def fetch(
    url: str,
    *,
    hosts: Sequence[str],
    max_bytes: int,
    seconds: float,
    content_types: Sequence[str] = ("image/",),
) -> bytes:
    """Return the file at an address. Call it outside of transactions and of requests.

    :param hosts: ``example.com`` admits itself and every host below it
    :param seconds: for everything, from the look-up of the host to the last byte
    :param content_types: what the type of the answer begins with
    :raises FetchRefused: with the reason; nothing was fetched
    """
    end = time.monotonic() + seconds
    _check_address(url, hosts)
    try:
        target = resolve(url, allow_loopback=settings.FETCH_ALLOW_LOOPBACK, seconds=seconds)
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return _get(target, max_bytes, left, tuple(content_types))
    except NotPublic:
        reason = Refusal.NOT_PUBLIC
    except Unresolved:
        reason = Refusal.UNRESOLVED
    except TimeoutError:
        reason = Refusal.TIMEOUT
    except ssl.SSLError:
        reason = Refusal.TLS
    except (OSError, ValueError, http.client.HTTPException):
        reason = Refusal.CONNECTION
    raise FetchRefused(reason)


def _check_address(url: str, hosts: Sequence[str]) -> None:
    """Refuse an address that may not be fetched, before anything is looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise FetchRefused(Refusal.ADDRESS) from None
    is_plain = url.isascii() and url.isprintable() and len(url) <= MAX_LENGTH
    if not is_plain or set(url) & set(' \\<>"'):
        raise FetchRefused(Refusal.ADDRESS)
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise FetchRefused(Refusal.ADDRESS)
    if settings.FETCH_ALLOW_LOOPBACK and parts.hostname in LOOPBACK_HOSTS:
        if parts.scheme not in ("http", "https"):
            raise FetchRefused(Refusal.ADDRESS)
        return
    if parts.scheme != "https" or port not in (None, HTTPS_PORT):
        raise FetchRefused(Refusal.ADDRESS)
    if not is_listed(parts.hostname, hosts):
        raise FetchRefused(Refusal.HOST)


def is_listed(host: str, hosts: Sequence[str]) -> bool:
    """Return whether a host is one of ``hosts`` or below one, such as ``a.qlogo.cn``."""
    labels = f".{host.lower().rstrip('.')}"
    return any(labels.endswith(f".{listed.lower().strip('.')}") for listed in hosts if listed)


def _get(target: Target, max_bytes: int, seconds: float, types: tuple[str, ...]) -> bytes:
    with connected(target, seconds=seconds) as connection:
        connection.request("GET", target.path, headers=HEADERS)
        with connection.getresponse() as response:
            _check_head(response, max_bytes, types)
            return _body(response, max_bytes)


def _check_head(response: http.client.HTTPResponse, max_bytes: int, types: tuple[str, ...]) -> None:
    if response.status in range(300, 400):
        raise FetchRefused(Refusal.REDIRECT)
    if response.status != http.HTTPStatus.OK:
        raise FetchRefused(Refusal.STATUS)
    content_type = response.headers.get("Content-Type", "").strip().lower()
    # Nothing is unpacked here: a small file could become a large one.
    is_packed = response.headers.get("Content-Encoding", "identity").lower() != "identity"
    if is_packed or not content_type.startswith(types):
        raise FetchRefused(Refusal.CONTENT_TYPE)
    if response.length is not None and response.length > max_bytes:
        raise FetchRefused(Refusal.TOO_LARGE)


def _body(response: http.client.HTTPResponse, max_bytes: int) -> bytes:
    content = bytearray()
    while chunk := response.read(min(CHUNK, max_bytes + 1 - len(content))):
        content += chunk
        if len(content) > max_bytes:
            raise FetchRefused(Refusal.TOO_LARGE)
    if response.length:  # the host promised more
        raise ConnectionError
    return bytes(content)
