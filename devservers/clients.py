"""A client of the servers: it holds the shared lock while it lives."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from devservers import locks, places, server_pairs, startup, state_files
from devservers.server_pairs import EmbeddedError, ServerPair, server_pair

DEADLINE = 60.0
PAUSE = 0.02

_attach_lock = threading.RLock()
_locks: dict[Path, int] = {}


def attach(of: ServerPair | None = None) -> ServerPair:
    """Keep both servers running for as long as this process, or one it forked, lives.

    Cheap when they run already; else starts them and returns once both answer.

    :raises EmbeddedError: they cannot be started
    """
    of = of or server_pair()
    if server_pairs.WINDOWS:
        raise EmbeddedError(
            "The embedded servers do not run on Windows: set DATABASE_URL and REDIS_URL."
        )
    with _attach_lock:
        was_attached = attached(of)
        try:
            _hold(of)
            startup.ensure_running(of)
        except BaseException:
            if not was_attached:
                detach(of)
            raise
    return of


def attached(of: ServerPair) -> bool:
    """Whether this process, or the one it was forked from, holds the lock of this pair."""
    descriptor = _locks.get(of.home)
    return descriptor is not None and locks.is_same_file(descriptor, _lock_path(of))


def detach(of: ServerPair) -> None:
    """Let the servers go, as far as this process is concerned."""
    with _attach_lock:
        mine = attached(of)
        descriptor = _locks.pop(of.home, None)
        # A number that is no longer our lock may by now be someone else's file.
        if mine and descriptor is not None:
            os.close(descriptor)


def _hold(of: ServerPair) -> None:
    if attached(of):
        return
    places.make_home(of.home)
    descriptor = _opened(_lock_path(of))
    deadline = time.monotonic() + DEADLINE
    # A supervisor has it alone for a blink when it looks for clients, for longer when it stops.
    while not locks.lock_shared(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise EmbeddedError(
                f"The embedded servers of {of.home} do not end: {state_files.last_error_with_path(of.home)}"
            )
        time.sleep(PAUSE)
    _locks[of.home] = descriptor


def _opened(path: Path) -> int:
    try:
        return locks.open_lock_file(path)
    except OSError as failure:
        raise EmbeddedError(
            f"{path} cannot be opened ({failure.strerror}): "
            "set TWOTIER_DATA to a folder of your own that can be written."
        ) from failure


def _lock_path(of: ServerPair) -> Path:
    return of.home / "clients.lock"


def _reset_attach_lock() -> None:
    # Another thread may have held it at the moment of the fork, and does not exist here.
    global _attach_lock  # noqa: PLW0603
    _attach_lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_attach_lock)
