"""A server that answers like WeChat's, on a port of this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class FakeWeChat:
    """Answers each path with what ``answers`` has; ``requests`` are those that came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Any] = {
            "/cgi-bin/stable_token": {"access_token": "T", "expires_in": 7_200},
            "/cgi-bin/ticket/getticket": {"errcode": 0, "ticket": "J", "expires_in": 7_200},
        }
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.delay = 0.0

    def paths(self) -> list[str]:
        return [path for path, _query, _body in self.requests]


@contextmanager
def fake_wechat() -> Iterator[FakeWeChat]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            body = json.loads(self.rfile.read(length) or "null")
            fake.requests.append((address.path, dict(parse_qsl(address.query)), body))
            time.sleep(fake.delay)
            answer = fake.answers.get(address.path, {"errcode": -1, "errmsg": "busy"})
            raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeWeChat(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
