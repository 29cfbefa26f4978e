"""See to it that both servers answer: start a supervisor unless one is at work."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from devservers import health, locks, places, relocated_data, state_files
from devservers.server_pairs import CHECKOUT, EmbeddedError, ServerPair

DEADLINE = 60.0
PAUSE = 0.03
MAX_STARTS = 5
SOCKETS_MISMATCH_GRACE = 5.0


def ensure_running(of: ServerPair) -> None:
    """Return once both servers answer; the caller holds the clients' lock.

    :raises EmbeddedError: they cannot be started, or not in time
    """
    places.sockets_exist(of)
    began, starts, known = time.monotonic(), 0, relocated_data.folder(of.home)
    while True:
        waited = time.monotonic() - began
        # Servers that answer without a supervisor are those of a killed one, and about to end.
        lock = locks.open_exclusive(of.home / "supervisor.lock")
        if lock is not None:
            _start(of, lock, starts)
            starts += 1
        elif _ready(of):
            break
        _check_sockets(of, waited)
        if waited > DEADLINE:
            raise EmbeddedError(
                f"The embedded servers of {of.home} did not answer in time: "
                f"{state_files.last_error_with_path(of.home)}"
            )
        time.sleep(PAUSE)
    if starts and relocated_data.folder(of.home) != known:
        sys.stderr.write(f"twotier: {relocated_data.relocation_message(of.home)}\n")


def _ready(of: ServerPair) -> bool:
    # In this order: whoever has just found the supervisor dead says so within the probes' time.
    answer = places.sockets_exist(of) and health.both_answer(of)
    return answer and state_files.read_sockets_path(of.home) == str(of.sockets)


def _check_sockets(of: ServerPair, waited: float) -> None:
    used = state_files.read_sockets_path(of.home)
    if waited > SOCKETS_MISMATCH_GRACE and used not in ("", str(of.sockets)):
        raise EmbeddedError(
            f"The embedded servers of {of.home} run with sockets in {used}, but this process looks "
            f"in {of.sockets}: give both the same TMPDIR, or set TWOTIER_DATA to another folder."
        )


def _start(of: ServerPair, lock: int, starts: int) -> None:
    """Start a supervisor that has the lock from birth, so that there is never a second one."""
    try:
        _check_earlier_starts(of, starts)
        state_files.clear_state(of.home)
        failed = _spawn(of, lock)
    finally:
        os.close(lock)
    if failed:
        raise EmbeddedError(
            f"The supervisor of the embedded servers does not start: {state_files.last_error_with_path(of.home)}"
        )


def _check_earlier_starts(of: ServerPair, starts: int) -> None:
    """The lock is free again, so whatever we have started before has ended."""
    if starts and (reason := state_files.refused(of.home)):
        raise EmbeddedError(reason)
    if starts >= MAX_STARTS:
        raise EmbeddedError(
            f"The embedded servers of {of.home} do not start: {state_files.last_error_with_path(of.home)}"
        )


def _spawn(of: ServerPair, lock: int) -> bool:
    """Whether it failed. Returns soon: the supervisor forks away, so no client has to reap it."""
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    words = [str(of.home), str(of.linger), str(lock)]
    output = state_files.open_log(of.home)
    try:
        done = subprocess.run(  # noqa: S603 - our own Python and our own module
            [sys.executable, "-m", "devservers", *words],
            cwd=CHECKOUT,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[lock],
            check=False,
        )
    finally:
        os.close(output)
    return done.returncode != 0
