"""Connect to other machines: one address, checked before, and a time limit for everything.

Nobody reaches our own network through us: a host is resolved once, every one of its addresses must
be public, and the connection is made to the address that was checked. So a name that answers with
another address a moment later gains nothing.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import SplitResult, urlsplit

# They carry an IPv4 address, which may be private: NAT64, 6to4, IPv4-compatible.
_TUNNELS = [
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "::/96")
]
# Not public either, but the library of Python takes them for it: site-local, segment routing,
# documentation.
_INNER = [ipaddress.ip_network(net) for net in ("fec0::/10", "5f00::/16", "3fff::/20")]


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

    @property
    def path(self) -> str:
        """Path and query, as a request line has them."""
        query = f"?{self.parts.query}" if self.parts.query else ""
        return (self.parts.path or "/") + query


def is_public(text: str, *, allow_loopback: bool) -> bool:
    """Return whether a call may go to this address: public, or of this machine where allowed."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            address = address.ipv4_mapped
        elif any(address in net for net in (*_TUNNELS, *_INNER)) and not address.is_loopback:
            return False
    if address.is_loopback:
        return allow_loopback
    return address.is_global and not address.is_multicast


def resolve(url: str, *, allow_loopback: bool, seconds: float | None = None) -> Target:
    """Look up the address of a URL's host.

    :param seconds: how long to wait for the answer; ``None``: as long as the system does
    :raises NotPublic: one of its addresses is not public
    :raises Unresolved: it has none
    :raises TimeoutError: there is no answer in time
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = _look_up(parts.hostname or "", port, seconds)
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not is_public(address, allow_loopback=allow_loopback):
            raise NotPublic(address)
    if not addresses:
        raise Unresolved(parts.hostname)
    return Target(parts, addresses[0], port)


def _look_up(host: str, port: int, seconds: float | None) -> list[Any]:
    answers: list[list[Any]] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            answers.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    if seconds is None:
        ask()
    else:
        # The system's resolver has no time limit that we could set.
        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(seconds)
        if thread.is_alive():
            raise TimeoutError
    if not answers:
        raise Unresolved(host)
    return answers[0]


class Connection(http.client.HTTPConnection):
    """Connects to an address that was resolved before; the host is only named."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target.parts.hostname or "", target.parts.port, timeout=timeout)
        self._address = (target.address, target.port)
        self._raw: socket.socket | None = None
        self.is_aborted = False

    def connect(self) -> None:
        self.sock = self._raw = socket.create_connection(self._address, self.timeout)

    def abort(self) -> None:
        self.is_aborted = True
        if self._raw:
            with suppress(OSError):  # closed by the other side
                # Not the method of an encrypted socket, which is in use in another thread.
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)


class _EncryptedConnection(Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context: ssl.SSLContext = tls_context()
        self.sock = self._raw = context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()


@cache
def tls_context() -> Any:
    return ssl.create_default_context()


@contextmanager
def connected(target: Target, *, seconds: float) -> Iterator[Connection]:
    """Give a connection that is broken off after so many seconds, whatever it is doing then.

    :raises TimeoutError: the time was up
    """
    is_encrypted = target.parts.scheme == "https"
    connection = (_EncryptedConnection if is_encrypted else Connection)(target, seconds)
    # Timeouts of a socket are for each read; a machine that sends a byte now and then would hold
    # us for hours.
    timer = threading.Timer(seconds, connection.abort)
    timer.daemon = True
    timer.start()
    try:
        yield connection
    except (OSError, ValueError, http.client.HTTPException):
        if connection.is_aborted:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()
    if connection.is_aborted:
        raise TimeoutError
