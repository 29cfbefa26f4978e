"""Post a body to an endpoint: one address, no redirects, a time limit for everything."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from webhooks.addresses import NotPublic, Target, Unresolved, resolve

TIMEOUT = 10.0  # seconds, from the connection to the end of the answer
MAX_ANSWER = 2_000  # bytes; the rest is not read
MAX_SHOWN = 500  # characters
OK = range(200, 300)
REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    :param status: ``None`` if no answer came
    :param error: empty on success, else ``not_public``, ``unresolved``, ``timeout``, ``tls``,
        ``connection``, ``redirect`` or ``status``
    """

    status: int | None
    milliseconds: int
    error: str = ""
    text: str = ""


def post(url: str, body: bytes, headers: Mapping[str, str], *, timeout: float = TIMEOUT) -> Answer:
    """Post a body; everything that can go wrong is in the answer."""
    started = time.monotonic()
    status, error, text = None, "", ""
    try:
        status, text = _call(resolve(url), body, headers, timeout)
    except NotPublic:
        error = "not_public"
    except Unresolved:
        error = "unresolved"
    except TimeoutError:
        error = "timeout"
    except ssl.SSLError:
        error = "tls"
    except (OSError, ValueError, http.client.HTTPException):
        error = "connection"
    if status is not None and status not in OK:
        error = "redirect" if status in REDIRECTS else "status"
    return Answer(status, round((time.monotonic() - started) * 1_000), error, text)


def _call(
    target: Target, body: bytes, headers: Mapping[str, str], timeout: float
) -> tuple[int, str]:
    connection = _connection(target, timeout)
    # Timeouts of a socket are for each read; a receiver that sends a byte now and then would
    # hold us for hours.
    timer = threading.Timer(timeout, connection.abort)
    timer.daemon = True
    timer.start()
    try:
        path = target.parts.path or "/"
        query = f"?{target.parts.query}" if target.parts.query else ""
        connection.request("POST", path + query, body, dict(headers))
        response = connection.getresponse()
        text = response.read(MAX_ANSWER).decode(errors="replace").replace("\0", "")
    except (OSError, ValueError, http.client.HTTPException):
        if connection.is_aborted:
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
        connection.close()
    if connection.is_aborted:
        raise TimeoutError
    return response.status, text[:MAX_SHOWN]


class _Connection(http.client.HTTPConnection):
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


class _EncryptedConnection(_Connection):
    default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        super().connect()
        context: ssl.SSLContext = _context()
        self.sock = self._raw = context.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()


@cache
def _context() -> Any:
    return ssl.create_default_context()


def _connection(target: Target, timeout: float) -> _Connection:
    encrypted = target.parts.scheme == "https"
    return (_EncryptedConnection if encrypted else _Connection)(target, timeout)
