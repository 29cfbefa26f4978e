"""A real web server in a process of its own, which can be killed, and a mall that calls it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.api.mall import Mall, encode
from tests.production.machines import free_port

HOST = "127.0.0.1"
DEADLINE = 60.0


class WebServer:
    """Granian with the database of the test; always on the same port."""

    def __init__(self, database: str, folder: Path) -> None:
        self.port = free_port()
        self._log = folder / "web"
        server = connection.settings_dict
        self._environment = {
            **os.environ,
            "DATABASE_URL": f"postgres://{server['USER']}@/{database}?host={server['HOST']}",
            "REDIS_URL": settings.REDIS_URL or settings.SERVER_PAIR.redis_url,
            "API_REQUESTS_A_MINUTE": str(10**6),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST,
                    "--port", str(self.port), "--blocking-threads", "4",
                    "config.wsgi:application",
                ],
                env=self._environment, cwd=settings.BASE_DIR, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + DEADLINE
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < end, "the server does not answer"
            time.sleep(0.05)  # a poll, not an assumption: the deadline decides

    def _answers(self) -> bool:
        line = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            line.close()

    def kill(self) -> None:
        """Kill the process with those that it started, which would survive it."""
        if self._process:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(DEADLINE)
            self._process = None


@dataclass(frozen=True, slots=True)
class Answer:
    status_code: int
    headers: http.client.HTTPMessage
    content: bytes

    def __getitem__(self, header: str) -> str:
        return self.headers[header]

    def json(self) -> Any:
        return json.loads(self.content)


class RemoteMall(Mall):
    """Sends its requests through a socket."""

    def __init__(self, key: str, secret: str, port: int) -> None:
        super().__init__(key, secret)
        self._port = port

    def send(
        self, method: str, path: str, body: Any = None, *, query: str = "", **headers: str
    ) -> Answer:
        raw = b"" if body is None else encode(body)
        path = f"/api/v1/integration{path}"
        signed = self.headers(method, path, raw, query=query) | headers
        line = http.client.HTTPConnection(HOST, self._port, timeout=DEADLINE)
        try:
            line.request(
                method, f"{path}?{query}" if query else path, raw,
                {"Content-Type": "application/json", **signed},
            )  # fmt: skip
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()
