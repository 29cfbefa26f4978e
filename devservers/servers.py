"""Prepare, start and stop each of the two servers."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path

from devservers import children, health, places, stale_processes, state_files
from devservers.runtime_account import RuntimeAccount
from devservers.server_pairs import DATABASE, PORT, SUPERUSER, EmbeddedError, ServerPair

STOP_TIMEOUT = 20.0
# Both create their socket at once, PostgreSQL even before it recovers.
SOCKET_TIMEOUT = 5.0


class Server(ABC):
    """A server in the foreground, a child of the supervisor."""

    graceful_signal: signal.Signals
    immediate_signal: signal.Signals
    socket: Path

    def __init__(self, pair: ServerPair, runtime_account: RuntimeAccount) -> None:
        self.server_pair = pair
        self.runtime_account = runtime_account
        self.process: subprocess.Popen[bytes] | None = None
        self.started, self.was_reachable = 0.0, False

    @abstractmethod
    def command(self) -> list[str]: ...

    @abstractmethod
    def clear(self) -> None:
        """Stop the processes and remove the files of an earlier run."""

    @abstractmethod
    def answers(self) -> bool: ...

    def start(self) -> None:
        self.clear()
        self.started, self.was_reachable = time.monotonic(), False
        self.process = children.start(
            self.command(), account=self.runtime_account.account, death_signal=self.graceful_signal
        )

    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def socket_missing(self) -> bool:
        """Return whether somebody removed the socket of a running server."""
        if self.socket.exists():
            self.was_reachable = True
            return False
        return self.was_reachable or time.monotonic() - self.started > SOCKET_TIMEOUT

    def ask_to_stop(self) -> None:
        if self.process is not None and self.runs():
            self.process.send_signal(self.graceful_signal)

    def wait(self) -> None:
        """Wait for the requested stop, and escalate after a timeout."""
        if self.process is None:
            return
        for insist in (self.immediate_signal, signal.SIGKILL):
            try:
                self.process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                self.process.send_signal(insist)
        self.process.wait()


class PostgreSQL(Server):
    graceful_signal = signal.SIGINT
    immediate_signal = signal.SIGQUIT

    def __init__(self, pair: ServerPair, runtime_account: RuntimeAccount) -> None:
        super().__init__(pair, runtime_account)
        self.data = runtime_account.data
        self.socket = pair.postgres_socket

    def prepare(self) -> None:
        """Create the data folder unless it exists; completely or not at all.

        :raises EmbeddedError: it has another version, or cannot be created
        """
        if (self.data / "PG_VERSION").exists():
            self._check_version()
            return
        for abandoned in self.runtime_account.base.glob("postgres-new-*"):
            shutil.rmtree(abandoned, ignore_errors=True)
        fresh = Path(tempfile.mkdtemp(prefix="postgres-new-", dir=self.runtime_account.base))
        places.change_owner(fresh, self.runtime_account.account)
        places.make_private(fresh, 0o700)
        self._run("initdb", "-D", fresh, "-U", SUPERUSER, "--auth=trust", "-E", "UTF8",
                  "--locale=C.UTF-8")  # fmt: skip
        self._run("postgres", "--single", "-D", fresh, "postgres",
                  text=f"CREATE DATABASE {DATABASE}\n")  # fmt: skip
        fresh.rename(self.data)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            # A list to PostgreSQL: quoted, so that a comma in the path does not end it.
            "unix_socket_directories": f'"{self.socket.parent}"',
            "unix_socket_permissions": "0700",
            "port": PORT,
            "max_connections": 100,
            "shared_buffers": "512MB",  # allocated only as used
            "max_wal_size": "4GB",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [self.runtime_account.programs.program("postgres"), "-D", str(self.data), *options]

    def clear(self) -> None:
        pid_file, lock = self.data / "postmaster.pid", Path(f"{self.socket}.lock")
        if not (pid_file.exists() or self.socket.exists() or lock.exists()):
            return
        stale_processes.end_postgres(self.data, postmaster=_first_number(pid_file))
        # No process uses the folder now. PostgreSQL itself checks only whether a process with that
        # id exists, which after a reboot or in a copied checkout is another program.
        for stale in (pid_file, self.socket, lock):
            stale.unlink(missing_ok=True)

    def answers(self) -> bool:
        return health.postgres_answers(self.socket)

    def _check_version(self) -> None:
        theirs = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = self.runtime_account.programs.major
        if theirs != ours:
            raise EmbeddedError(
                f"{self.data} was created by PostgreSQL {theirs} and this is PostgreSQL {ours}: "
                "move that folder away to start with an empty database, "
                f"or set DATABASE_URL to a PostgreSQL {theirs}."
            )

    def _run(self, name: str, *options: str | Path, text: str = "") -> None:
        command = [self.runtime_account.programs.program(name), *map(str, options)]
        if children.run(command, account=self.runtime_account.account, text=text) != 0:
            raise EmbeddedError(
                f"{name} could not prepare {self.data}: "
                f"{state_files.last_error(self.server_pair.home)}"
            )


class Valkey(Server):
    graceful_signal = signal.SIGTERM
    immediate_signal = signal.SIGKILL

    def __init__(self, pair: ServerPair, runtime_account: RuntimeAccount) -> None:
        super().__init__(pair, runtime_account)
        self.socket = pair.valkey_socket

    def command(self) -> list[str]:
        folder, options = (
            str(self.socket.parent),
            {
                "port": "0",
                "unixsocket": str(self.socket),
                "unixsocketperm": "700",
                "save": "",
                "appendonly": "no",
                "maxmemory-policy": "noeviction",
                "loglevel": "warning",
            },
        )
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [str(self.runtime_account.programs.valkey), *words, "--dir", folder]

    def clear(self) -> None:
        if self.socket.exists():
            stale_processes.end_valkey(self.socket.parent)
            self.socket.unlink(missing_ok=True)

    def answers(self) -> bool:
        return health.valkey_answers(self.socket)


def _first_number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return None
