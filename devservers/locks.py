"""File locks, which the kernel frees when their process is killed: nothing has to be counted."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def open_lock_file(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def lock_shared(descriptor: int) -> bool:
    """Lock it together with others; False while someone has it alone."""
    return _locked(descriptor, fcntl.LOCK_SH)


def lock_exclusive(descriptor: int) -> bool:
    """Lock it alone; False while someone else has it."""
    return _locked(descriptor, fcntl.LOCK_EX)


def release(descriptor: int) -> None:
    # Never in a client: a forked process has the same lock, and unlocking would free both.
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def open_exclusive(path: Path) -> int | None:
    """A descriptor that has the lock alone, or None while someone else has it."""
    descriptor = open_lock_file(path)
    if lock_exclusive(descriptor) and is_same_file(descriptor, path):
        return descriptor
    os.close(descriptor)
    return None


def is_same_file(descriptor: int, path: Path) -> bool:
    """Whether this descriptor is still that file: neither closed nor deleted by someone."""
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
