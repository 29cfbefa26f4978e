"""An HTTP server on 127.0.0.1 in the place of a robot or of Sentry."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

import brotli

from tests.servers import body_of, send, serving

# Sentry's client chooses brotli once it is installed.
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress}


@dataclass
class Receiver:
    """Answers every POST with ``reply`` and remembers its path and body.

    :param reply: status and body; ``None`` hangs up without an answer
    """

    reply: tuple[int, str] | None = (200, '{"errcode": 0}')
    bodies: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send?key=open-sesame"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        unpack = UNPACK.get(handler.headers.get("Content-Encoding", ""), bytes)
        body = unpack(body_of(handler))
        self.paths.append(handler.path)
        self.bodies.append(body.decode())
        if self.reply is not None:
            status, text = self.reply
            send(handler, text.encode(), status=status)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    with serving(receiver.take) as receiver.port:
        yield receiver
