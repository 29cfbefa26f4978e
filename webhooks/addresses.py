"""Admit only addresses of the public internet: nobody reaches our own network through us."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

MAX_LENGTH = 500
# They carry an IPv4 address, which may be private: NAT64, 6to4, IPv4-compatible.
_TUNNELS = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16", "::/96")]


class NotPublic(ValueError):
    """The host has an address that is not public."""


class Unresolved(ValueError):
    """The host has no address."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes: the address is resolved once, and the connection is made to it."""

    parts: SplitResult
    address: str
    port: int


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
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.scheme not in _schemes():
        raise NotPublic(parts.scheme)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unresolved(parts.hostname) from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_public(address):
            raise NotPublic(address)
    if not addresses:
        raise Unresolved(parts.hostname)
    return Target(parts, addresses[0], port)


def is_public(text: str) -> bool:
    """Return whether a call may go to this address: public, or of this machine where allowed."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif any(address in net for net in _TUNNELS) and not address.is_loopback:
            return False
    if address.is_loopback:
        return bool(settings.WEBHOOK_ALLOW_LOOPBACK)
    return address.is_global and not address.is_multicast


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOK_ALLOW_LOOPBACK else ("https",)
