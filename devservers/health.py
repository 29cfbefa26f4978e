"""Check whether a server answers: one request on its socket, a few milliseconds, no library."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from devservers.server_pairs import SUPERUSER, ServerPair

TIMEOUT = 5.0
CANNOT_CONNECT_NOW = b"C57P03\0"


def both_answer(pair: ServerPair) -> bool:
    return postgres_answers(pair.postgres_socket) and valkey_answers(pair.valkey_socket)


def postgres_answers(path: Path) -> bool:
    """Return False while it is stopped, starting, recovering or shutting down."""
    names = f"user\0{SUPERUSER}\0database\0postgres\0\0".encode()
    hello = struct.pack("!II", len(names) + 8, 3 << 16) + names
    goodbye = b"X" + struct.pack("!I", 4)
    reply = _ask(path, hello + goodbye)
    return bool(reply) and CANNOT_CONNECT_NOW not in reply


def valkey_answers(path: Path) -> bool:
    return _ask(path, b"PING\r\nQUIT\r\n").startswith(b"+PONG")


def _ask(path: Path, question: bytes) -> bytes:
    """Return its whole reply, or nothing if it is not reachable."""
    reply = b""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(TIMEOUT)
            line.connect(str(path))
            line.sendall(question)
            while part := line.recv(4096):
                reply += part
    except OSError:
        return b""
    return reply
