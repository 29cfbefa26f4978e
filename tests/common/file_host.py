"""A host of files on 127.0.0.1 that answers as a test says, well or badly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler

from tests import servers
from tests.servers import Reply

send: Callable[..., None] = partial(servers.send, Content_Type="image/jpeg")


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
            send(handler, status=404)
        else:
            send(handler, reply)


@contextmanager
def hosting() -> Iterator[FileHost]:
    host = FileHost()
    with servers.serving(host.answer) as host.port:
        yield host
