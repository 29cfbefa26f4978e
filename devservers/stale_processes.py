"""End servers that an earlier supervisor, killed or crashed, has left at work in our folders."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil

STOP_TIMEOUT = 20.0
ORPHAN_TIMEOUT = 3.0
KILL_TIMEOUT = 5.0
PAUSE = 0.1


def end_postgres(data: Path, *, postmaster: int | None) -> None:
    """Ask the postmaster if it is one of those who work in this folder; its orphans end themselves.

    Nobody else is asked: to PostgreSQL's other processes the same signal means other things.
    """
    asked = [
        process for process in running_processes("postgres", data) if process.pid == postmaster
    ]
    _send(asked, signal.SIGINT)
    _kill_after(STOP_TIMEOUT if asked else ORPHAN_TIMEOUT, "postgres", data)


def end_valkey(folder: Path) -> None:
    """It keeps nothing on the disk, so there is nothing to wait for."""
    _kill_after(0, "valkey-server", folder)


def running_processes(program: str, folder: Path) -> list[psutil.Process]:
    """The processes of this program in this folder, without those that only wait to be reaped."""
    found = []
    # Not psutil's own iterator: it keeps the name that a process had before it became the program.
    for number in psutil.pids():
        # By name and folder, never by number: after a reboot the number is someone else's.
        with suppress(psutil.Error):
            process = psutil.Process(number)
            if process.name() == program and process.cwd() == str(folder):
                found.append(process)
    return found


def _kill_after(seconds: float, program: str, folder: Path) -> None:
    if not _gone(seconds, program, folder):
        _send(running_processes(program, folder), signal.SIGKILL)
        _gone(KILL_TIMEOUT, program, folder)


def _gone(within: float, program: str, folder: Path) -> bool:
    deadline = time.monotonic() + within
    while running_processes(program, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE)
    return True


def _send(processes: list[psutil.Process], what: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.send_signal(what)
