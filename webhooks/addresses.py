"""Admit only addresses of the public internet: nobody reaches our own network through us."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from common import outgoing
from common.outgoing import NotPublic, Target

MAX_LENGTH = 500


def is_acceptable(url: str) -> bool:
    """Return whether a URL may be registered; its host is resolved only when something is sent."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if not (url.isascii() and url.isprintable()) or " " in url or len(url) > MAX_LENGTH:
        return False
    if not parts.hostname or parts.username is not None or parts.fragment or port == 0:
        return False
    if parts.scheme not in _schemes():
        return False
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return "." in parts.hostname.strip(".") or settings.WEBHOOK_ALLOW_LOOPBACK
    return is_public(str(address))


def resolve(url: str) -> Target:
    """Look up the address of a URL's host.

    :raises NotPublic: one of its addresses is not public
    :raises Unresolved: it has none
    """
    scheme = urlsplit(url).scheme
    if scheme not in _schemes():
        raise NotPublic(scheme)
    return outgoing.resolve(url, allow_loopback=settings.WEBHOOK_ALLOW_LOOPBACK)


def is_public(text: str) -> bool:
    """Return whether a call may go to this address: public, or of this machine where allowed."""
    return outgoing.is_public(text, allow_loopback=settings.WEBHOOK_ALLOW_LOOPBACK)


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOK_ALLOW_LOOPBACK else ("https",)
