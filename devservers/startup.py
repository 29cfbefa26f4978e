"""Ensure that both servers answer: start a supervisor unless one runs."""

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


def ensure_running(pair: ServerPair) -> None:
    """Return once both servers answer; the caller holds the clients' lock.

    :raises EmbeddedError: they cannot be started, or not in time
    """
    places.sockets_exist(pair)
    started_at, starts, known_folder = (
        time.monotonic(),
        0,
        relocated_data.relocated_folder(pair.home),
    )
    while True:
        waited = time.monotonic() - started_at
        # Servers without a supervisor belong to a killed one, and are about to stop.
        lock = locks.open_exclusive(pair.home / "supervisor.lock")
        if lock is not None:
            _start(pair, lock, starts)
            starts += 1
        elif _ready(pair):
            break
        _check_sockets(pair, waited)
        if waited > DEADLINE:
            raise EmbeddedError(
                f"The embedded servers of {pair.home} did not answer in time: "
                f"{state_files.last_error_with_path(pair.home)}"
            )
        time.sleep(PAUSE)
    if starts and relocated_data.relocated_folder(pair.home) != known_folder:
        sys.stderr.write(f"twotier: {relocated_data.relocation_message(pair.home)}\n")


def _ready(pair: ServerPair) -> bool:
    # In this order: a dead supervisor's state is cleared while the probes run.
    answer = places.sockets_exist(pair) and health.both_answer(pair)
    return answer and state_files.read_sockets_path(pair.home) == str(pair.sockets)


def _check_sockets(pair: ServerPair, waited: float) -> None:
    used = state_files.read_sockets_path(pair.home)
    if waited > SOCKETS_MISMATCH_GRACE and used not in ("", str(pair.sockets)):
        raise EmbeddedError(
            f"The embedded servers of {pair.home} run with sockets in {used}, but this process "
            f"looks in {pair.sockets}: give both the same TMPDIR, "
            "or set TWOTIER_DATA to another folder."
        )


def _start(pair: ServerPair, lock: int, starts: int) -> None:
    """Start a supervisor that inherits the lock, so that there is never a second one."""
    try:
        _check_earlier_starts(pair, starts)
        state_files.clear_state(pair.home)
        failed = _spawn(pair, lock)
    finally:
        os.close(lock)
    if failed:
        raise EmbeddedError(
            f"The supervisor of the embedded servers does not start: "
            f"{state_files.last_error_with_path(pair.home)}"
        )


def _check_earlier_starts(pair: ServerPair, starts: int) -> None:
    """Raise if earlier supervisors failed; the lock is free, so they have exited."""
    if starts and (reason := state_files.read_start_error(pair.home)):
        raise EmbeddedError(reason)
    if starts >= MAX_STARTS:
        raise EmbeddedError(
            f"The embedded servers of {pair.home} do not start: "
            f"{state_files.last_error_with_path(pair.home)}"
        )


def _spawn(pair: ServerPair, lock: int) -> bool:
    """Start the supervisor, which detaches itself, and return whether that failed."""
    path = os.pathsep.join(filter(None, [str(CHECKOUT), os.environ.get("PYTHONPATH")]))
    words = [str(pair.home), str(pair.linger), str(lock)]
    output = state_files.open_log(pair.home)
    try:
        result = subprocess.run(  # noqa: S603 - our own Python and our own module
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
    return result.returncode != 0
