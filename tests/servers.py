"""An HTTP server on a port of 127.0.0.1, in the place of a host that belongs to others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a handler that hangs must not hold up the test's end


@contextmanager
def serving(reply: Reply) -> Iterator[int]:
    """Answer each GET and POST by ``reply``, in a thread of its own; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # the caller hung up
                reply(self)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def body_of(handler: BaseHTTPRequestHandler) -> bytes:
    """Read the body of a request."""
    return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes = b"",
    *,
    status: int = 200,
    length: int | None = None,
    **headers: str,
) -> None:
    """Answer with a body; ``length`` is what the server claims, ``Content_Type`` a header."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)
