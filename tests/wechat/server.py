"""A server that answers like WeChat's, on a port of this machine."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.servers import body_of, send, serving


class FakeWeChat:
    """Answers each path with what ``answers`` has; ``requests`` are those that came."""

    def __init__(self) -> None:
        self.port = 0
        self.answers: dict[str, Any] = {
            "/cgi-bin/stable_token": {"access_token": "T", "expires_in": 7_200},
            "/cgi-bin/ticket/getticket": {"errcode": 0, "ticket": "J", "expires_in": 7_200},
        }
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.delay = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [path for path, _query, _body in self.requests]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        address = urlsplit(handler.path)
        body = json.loads(body_of(handler) or "null")
        self.requests.append((address.path, dict(parse_qsl(address.query)), body))
        time.sleep(self.delay)
        answer = self.answers.get(address.path, {"errcode": -1, "errmsg": "busy"})
        send(handler, answer if isinstance(answer, bytes) else json.dumps(answer).encode())


@contextmanager
def fake_wechat() -> Iterator[FakeWeChat]:
    fake = FakeWeChat()
    with serving(fake.answer) as fake.port:
        yield fake
