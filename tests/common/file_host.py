"""A host of files on 127.0.0.1 that answers as a test says, well or badly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[BaseHTTPRequestHandler], None]


class FileHost:
    """Serves ``files`` by path; a function answers by itself."""

    def __init__(self) -> None:
        self.files: dict[str, bytes | Reply] = {}
        self.calls: list[str] = []
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def add(self, path: str, reply: bytes | Reply) -> str:
        """Serve a file, and return its address."""
        self.files[path] = reply
        return self.url(path)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.calls.append(handler.path)
        reply = self.files.get(handler.path)
        if callable(reply):
            reply(handler)
        elif reply is None:
            send(handler, b"", status=404)
        else:
            send(handler, reply)


def send(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *,
    status: int = 200,
    length: int | None = None,
    **headers: str,
) -> None:
    """Answer with a body; ``length`` is what the host claims, ``Content_Type`` a header."""
    handler.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in ({"Content-Type": "image/jpeg"} | named).items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving() -> Iterator[FileHost]:
    host = FileHost()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):  # the caller hung up
                host.answer(self)

        def log_message(self, *args: Any) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

    server = Server(("127.0.0.1", 0), Handler)
    host.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
