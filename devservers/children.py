"""Start programs under the servers' account that never outlive their supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import TypedDict

from devservers.places import Account

PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child between fork and exec must not load anything.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class _Options(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def start(
    command: list[str],
    *,
    account: Account | None,
    death_signal: signal.Signals,
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start a command; the kernel sends it ``death_signal`` when the supervisor dies."""
    return subprocess.Popen(  # noqa: S603 - programs of the installed wheels
        command,
        cwd="/",
        # Not the caller's environment: PGPORT, PGDATA or LC_ALL would affect the servers.
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        stdin=stdin,
        preexec_fn=_tie_to_parent(death_signal),  # noqa: PLW1509 - the supervisor has no threads
        **_dropped_to(account),
    )


def run(command: list[str], *, account: Account | None, text: str = "") -> int:
    """Run a command with this input, and return its exit code."""
    child = start(command, account=account, death_signal=signal.SIGKILL, stdin=subprocess.PIPE)
    child.communicate(text.encode())
    return child.returncode


def _dropped_to(account: Account | None) -> _Options:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _tie_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return the hook that runs after the change of user, which would reset the setting."""
    libc, parent = _libc, os.getpid()
    if libc is None:
        return None

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie
