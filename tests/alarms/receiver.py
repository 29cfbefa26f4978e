"""An HTTP server on 127.0.0.1 in the place of a robot or of Sentry."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import brotli

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


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = UNPACK.get(self.headers.get("Content-Encoding", ""), bytes)(body)
            receiver.paths.append(self.path)
            receiver.bodies.append(body.decode())
            if receiver.reply is None:
                return
            status, text = receiver.reply
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
