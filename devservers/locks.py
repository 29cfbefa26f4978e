"""Lock files; the kernel releases the locks of killed processes, so nothing is counted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def open_lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def lock_shared(descriptor: int) -> bool:
    """Take a shared lock; return False while someone holds it exclusively."""
    return _locked(descriptor, fcntl.LOCK_SH)


def lock_exclusive(descriptor: int) -> bool:
    """Take an exclusive lock; return False while anyone else holds it."""
    return _locked(descriptor, fcntl.LOCK_EX)


def release(descriptor: int) -> None:
    # Never call this in a client: a fork shares the lock, and unlocking would release both.
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def open_exclusive(path: Path) -> int | None:
    """Return a descriptor with the exclusive lock, or None while anyone else holds it."""
    descriptor = open_lock_file(path)
    if lock_exclusive(descriptor) and is_same_file(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def is_same_file(descriptor: int, path: Path) -> bool:
    """Return whether the descriptor is open and the file has not been replaced."""
    try:
        here, there = os.fstat(descriptor), path.stat()
    except OSError:
        return False
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
