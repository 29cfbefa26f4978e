"""Separate PostgreSQL and Redis servers on TCP, configured as in docker-compose.yml."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import time
from pathlib import Path
from typing import Any

import psycopg2

from devservers import children, places, runtime_account, server_pair
from tests.production import compose

DEADLINE = 60.0
PAUSE = 0.05


class Machine:
    """A server that can be stopped and started again on the same port."""

    gently = signal.SIGTERM

    def __init__(self, of: runtime_account.RuntimeAccount) -> None:
        self.runtime_account = of
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        self.process = children.start(
            self.command(), account=self.runtime_account.account, death_signal=self.gently
        )
        until(self.answers, f"{type(self).__name__} answers")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(self.gently)
            self.process.wait(DEADLINE)
            self.process = None


class PostgreSQL(Machine):
    """PostgreSQL with a superuser and a password, as created by the image's entry point."""

    gently = signal.SIGINT

    def __init__(self, of: runtime_account.RuntimeAccount, password: Path) -> None:
        super().__init__(of)
        self.data = of.base / "postgresql"
        given = compose.environment("postgres")
        self.user, self.name = given["POSTGRES_USER"], given["POSTGRES_DB"]
        self.password = password.read_text().strip()
        options = given["POSTGRES_INITDB_ARGS"].split()
        password_file = of.base / "password"
        password_file.write_text(self.password)
        places.change_owner(password_file, of.account)
        exit_code = children.run(
            [of.programs.program("initdb"), "-D", str(self.data), "-U", self.user, *options,
             "--auth=scram-sha-256", "--pwfile", str(password_file)],
            account=of.account,
        )  # fmt: skip
        assert exit_code == 0

    def command(self) -> list[str]:
        options = ["-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"]
        program = self.runtime_account.programs.program("postgres")
        return [program, "-D", str(self.data), "-p", str(self.port), *options]

    def start(self) -> None:
        super().start()
        if not self.ask("SELECT 1 FROM pg_database WHERE datname = %s", self.name, on="postgres"):
            self.ask(f"CREATE DATABASE {self.name}", on="postgres")

    def answers(self) -> bool:
        try:
            self.connect(on="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def connect(self, *, on: str = "") -> Any:
        line = psycopg2.connect(
            host="127.0.0.1", port=self.port, user=self.user,
            password=self.password, dbname=on or self.name,
        )  # fmt: skip
        line.autocommit = True
        return line

    def ask(self, statement: str, *values: object, on: str = "") -> list[tuple[Any, ...]]:
        line = self.connect(on=on)
        try:
            with line.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            line.close()


class Redis(Machine):
    """Valkey, with the options of the compose file: they are the same."""

    def __init__(self, of: runtime_account.RuntimeAccount) -> None:
        super().__init__(of)
        self.data = of.base / "redis"
        self.data.mkdir()
        places.change_owner(self.data, of.account)

    def command(self) -> list[str]:
        name, *options = compose.command("redis")
        assert name == "redis-server"
        here = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.data)]
        return [str(self.runtime_account.programs.valkey), *options, *here]

    def answers(self) -> bool:
        return self.ask("PING") == b"+PONG\r\n"

    def ask(self, question: str) -> bytes:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                line.sendall(f"{question}\r\n".encode())
                return line.recv(65536)
        except OSError:
            return b""

    def stop(self) -> None:
        """Stop without a last save, as at a power loss."""
        if self.process:
            # Break the clients' connections at once instead of leaving them idle.
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(DEADLINE)
            self.process = None


def runtime_account_in(folder: Path) -> runtime_account.RuntimeAccount:
    """Return programs and an account that may use the folder: PostgreSQL refuses root."""
    home = folder / "machines"
    places.make_home(home)
    chosen = runtime_account.choose(server_pair(home))
    places.change_owner(chosen.base, chosen.account)
    return chosen


def free_port() -> int:
    with socket.socket() as probe:
        # Close with a reset, so that the port is free at once.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(happens: Any, what: str, within: float = DEADLINE) -> Any:
    """Wait for a true result of ``happens()`` and return it."""
    deadline = time.monotonic() + within
    while not (answer := happens()):
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(PAUSE)
    return answer
