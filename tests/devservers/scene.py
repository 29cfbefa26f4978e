"""What the tests look at: a pair's processes and rows, and clients in processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg2

from devservers import ServerPair, relocated_data, stale_processes
from devservers.server_pairs import CHECKOUT

Seen = TypeVar("Seen")
LINGER = 0.6
PATIENCE = 30.0
ATTACH_AND_WAIT = """
import sys, pathlib
import devservers
try:
    devservers.attach(devservers.server_pair(pathlib.Path(sys.argv[1]), linger=float(sys.argv[2])))
except devservers.EmbeddedError as refusal:
    print("refused:", refusal, flush=True)
    sys.exit(1)
print("attached", flush=True)
sys.stdin.read()
"""


class Client:
    """A process that attaches and then waits; ``wait_attached`` returns what it said."""

    def __init__(self, pair: ServerPair, *, python: str = sys.executable, **options: Any) -> None:
        self.process = subprocess.Popen(
            [python, "-c", ATTACH_AND_WAIT, str(pair.home), str(pair.linger)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **{"cwd": CHECKOUT, **options},
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def warns(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def until(look: Callable[[], Seen], what: str, within: float = PATIENCE) -> Seen:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + within
    while not (seen := look()):
        assert time.monotonic() < deadline, f"waited {within} seconds for {what}"
        time.sleep(0.02)
    return seen


def rows(pair: ServerPair, statement: str, database: str = "twotier") -> list[tuple[Any, ...]]:
    """Run one statement in a connection of its own."""
    line = psycopg2.connect(host=str(pair.postgres_socket_dir), user="postgres", dbname=database)
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        line.close()


def supervisors(pair: ServerPair) -> list[psutil.Process]:
    marks = ["devservers", str(pair.home)]
    numbers = [one for one in psutil.pids() if all(mark in _words(one) for mark in marks)]
    return [psutil.Process(number) for number in numbers if psutil.pid_exists(number)]


def servers(pair: ServerPair, name: str) -> list[psutil.Process]:
    """Those the supervisor has started, without PostgreSQL's own children."""
    folder = {"postgres": data(pair), "valkey-server": pair.sockets}[name]
    keepers = [one.pid for one in supervisors(pair)]
    return [
        one for one in stale_processes.running_processes(name, folder) if _parent(one) in keepers
    ]


def everything(pair: ServerPair) -> list[psutil.Process]:
    """Supervisors, both servers and all they have started."""
    postgres = stale_processes.running_processes("postgres", data(pair))
    return (
        supervisors(pair)
        + postgres
        + stale_processes.running_processes("valkey-server", pair.sockets)
    )


def data(pair: ServerPair) -> Path:
    return (relocated_data.relocated_folder(pair.home) or pair.home) / "postgres"


def kill(process: psutil.Process) -> None:
    """Until it is gone: a signal alone is only on its way. It may have gone with another one."""
    with suppress(ProcessLookupError, psutil.NoSuchProcess):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(PATIENCE)


def all_gone(pair: ServerPair) -> None:
    until(lambda: not everything(pair), f"the end of {everything(pair)}")


def end_everything(pair: ServerPair) -> None:
    """After a test: orderly if the supervisor still can, and nothing may be left."""
    for one in supervisors(pair):
        one.terminate()
    all_gone(pair)


def _words(number: int) -> list[str]:
    with suppress(psutil.Error):
        return list(psutil.Process(number).cmdline())
    return []


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0
