"""Clients of the servers: each holds the shared lock while it lives."""

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


def attach(pair: ServerPair | None = None) -> ServerPair:
    """Keep both servers running while this process, or a fork of it, lives.

    This is cheap when they run already. Otherwise it starts them and returns once both answer.

    :raises EmbeddedError: they cannot be started
    """
    pair = pair or server_pair()
    if server_pairs.WINDOWS:
        raise EmbeddedError(
            "The embedded servers do not run on Windows: set DATABASE_URL and REDIS_URL."
        )
    with _attach_lock:
        was_attached = attached(pair)
        try:
            _hold(pair)
            startup.ensure_running(pair)
        except BaseException:
            if not was_attached:
                detach(pair)
            raise
    return pair


def attached(pair: ServerPair) -> bool:
    """Return whether this process, or the one it was forked from, holds the lock of this pair."""
    descriptor = _locks.get(pair.home)
    return descriptor is not None and locks.is_same_file(descriptor, _lock_path(pair))


def detach(pair: ServerPair) -> None:
    """Release the lock of this process."""
    with _attach_lock:
        mine = attached(pair)
        descriptor = _locks.pop(pair.home, None)
        # A descriptor that is no longer our lock may be another file by now.
        if mine and descriptor is not None:
            os.close(descriptor)


def _hold(pair: ServerPair) -> None:
    if attached(pair):
        return
    places.make_home(pair.home)
    descriptor = _open_lock(_lock_path(pair))
    deadline = time.monotonic() + DEADLINE
    # A supervisor holds it briefly when it checks for clients, and longer when it stops.
    while not locks.lock_shared(descriptor):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise EmbeddedError(
                f"The embedded servers of {pair.home} do not stop: "
                f"{state_files.last_error_with_path(pair.home)}"
            )
        time.sleep(PAUSE)
    _locks[pair.home] = descriptor


def _open_lock(path: Path) -> int:
    try:
        return locks.open_lock_file(path)
    except OSError as failure:
        raise EmbeddedError(
            f"{path} cannot be opened ({failure.strerror}): "
            "set TWOTIER_DATA to a writable folder of your own."
        ) from failure


def _lock_path(pair: ServerPair) -> Path:
    return pair.home / "clients.lock"


def _reset_attach_lock() -> None:
    # A thread that held it during the fork does not exist in the child.
    global _attach_lock  # noqa: PLW0603
    _attach_lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_attach_lock)
