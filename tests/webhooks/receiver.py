"""A receiver of webhooks on 127.0.0.1 that verifies every call with the package it documents."""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.servers import Reply, body_of, send, serving


@dataclass
class Call:
    """A verified call, in the order of arrival."""

    id: str
    body: dict[str, Any]
    raw: bytes
    headers: dict[str, str]
    at: float

    @property
    def subject(self) -> str:
        return self.body["subject"]["id"]

    @property
    def sequence(self) -> int:
        return self.body["subject"]["sequence"]


@dataclass
class Receiver:
    """Answers as ``reply`` says: a status, or a function that gets the handler.

    :param delay: seconds before the answer
    """

    port: int = 0
    secret: str = ""
    reply: int | Reply = 200
    delay: float = 0.0
    accepted: list[Call] = field(default_factory=list)
    """The verified calls that were answered with 200."""
    calls: int = 0
    rejected: list[str] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?shop=1"

    def sequences(self) -> dict[str, list[int]]:
        """The accepted sequences by subject, in the order of arrival, each event once."""
        seen, found = set(), defaultdict(list)
        for call in self.accepted:
            if call.id not in seen:
                found[call.subject].append(call.sequence)
            seen.add(call.id)
        return dict(found)

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        raw = body_of(handler)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self._lock:
            self.calls += 1
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            time.sleep(self.delay)
            with self._lock:
                self._now -= 1  # before the answer, on which the sender makes the next call
            if callable(self.reply):
                self.reply(handler)
                return
            body = Webhook(self.secret).verify(raw, headers)
            if self.reply == 200:
                call = Call(headers["webhook-id"], body, raw, headers, time.monotonic())
                with self._lock:
                    self.accepted.append(call)
            answer(handler, self.reply)
        except OSError:
            pass  # the sender hung up
        except Exception as failure:  # noqa: BLE001 - shown by the test
            self.rejected.append(repr(failure))
            answer(handler, 401)


def answer(handler: BaseHTTPRequestHandler, status: int) -> None:
    send(handler, json.dumps({"status": status}).encode(), status=status)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    with serving(receiver.take) as receiver.port:
        yield receiver
