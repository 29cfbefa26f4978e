"""A process of Twotier run as in a container, with its output saved."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.production import compose


class Process:
    """A process with its output in files; the journal contains its log, a JSON object per line."""

    def __init__(
        self, command: list[str], *, env: dict[str, str], cwd: Path, output: Path, grace: float
    ) -> None:
        self.grace = grace
        output.mkdir(parents=True, exist_ok=True)
        self.out, self.err = output / "stdout", output / "stderr"
        with self.out.open("wb") as out, self.err.open("wb") as err:
            self._child = subprocess.Popen(
                command,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    def is_running(self) -> bool:
        return self._child.poll() is None

    def finish(self, within: float = 300) -> int:
        """Wait for the process and return its exit code."""
        return self._child.wait(within)

    def terminate(self) -> None:
        """Send SIGTERM to this process only, as ``init`` does."""
        self._child.send_signal(signal.SIGTERM)

    def exit_code(self) -> int:
        """Wait for the end within the grace period and return the exit code."""
        return self._child.wait(self.grace)

    def end(self) -> None:
        """Kill the rest of the process."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._child.wait(30)

    def journal(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.err.read_text().splitlines()]

    def logged(self, **what: object) -> list[dict[str, Any]]:
        return [line for line in self.journal() if what.items() <= line.items()]

    def output(self) -> str:
        return self.out.read_text() + self.err.read_text()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: str

    def cookie(self, name: str) -> str:
        """Return the complete ``Set-Cookie`` header of this name."""
        cookies = self.headers.get_all("Set-Cookie", [])
        return next(cookie for cookie in cookies if cookie.startswith(f"{name}="))


@dataclass(frozen=True)
class Proxy:
    """A client that sends the headers of a TLS proxy by default."""

    port: int

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Send a request. Headers are words such as ``X_Request_ID``; empty ones are not sent."""
        usual = {"Host": compose.DOMAIN, "X-Forwarded-Proto": "https"}
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {**usual, **given, "Content-Length": str(len(body))}.items():
                if value:
                    line.putheader(name, value)
            line.endheaders(body.encode())
            reply = line.getresponse()
            return Answer(reply.status, reply.headers, reply.read().decode(errors="replace"))
        finally:
            line.close()
