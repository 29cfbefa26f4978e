"""File locks, which the kernel releases when their process dies: nothing has to be counted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def open_lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def lock_shared(descriptor: int) -> bool:
    """Take a shared lock; return False while another process holds it exclusively."""
    return _try_lock(descriptor, fcntl.LOCK_SH)


def lock_exclusive(descriptor: int) -> bool:
    """Take an exclusive lock; return False while another process holds it."""
    return _try_lock(descriptor, fcntl.LOCK_EX)


def release(descriptor: int) -> None:
    # Never in a client: a forked process shares the lock, and unlocking releases both.
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def open_exclusive(path: Path) -> int | None:
    """Return an exclusively locked descriptor, or None while another process holds the lock."""
    descriptor = open_lock_file(path)
    if lock_exclusive(descriptor) and is_same_file(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def is_same_file(descriptor: int, path: Path) -> bool:
    """Return whether the descriptor still refers to that file, neither closed nor deleted."""
    try:
        here, there = os.fstat(descriptor), path.stat()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _try_lock(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
