"""Stop servers that a killed or crashed supervisor left running in our folders."""

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
    """Stop the postmaster if it works in this folder; its children then exit by themselves.

    Signal no other process: the same signal has other meanings for PostgreSQL's children.
    """
    postmasters = [
        process for process in running_processes("postgres", data) if process.pid == postmaster
    ]
    _send(postmasters, signal.SIGINT)
    _kill_after(STOP_TIMEOUT if postmasters else ORPHAN_TIMEOUT, "postgres", data)


def end_valkey(folder: Path) -> None:
    """Kill Valkey at once: it stores nothing on the disk."""
    _kill_after(0, "valkey-server", folder)


def running_processes(program: str, folder: Path) -> list[psutil.Process]:
    """Return the processes of this program in this folder, without zombies."""
    processes = []
    # Not psutil's own iterator: it caches the name that a process had before exec.
    for number in psutil.pids():
        # By name and folder, never by id: after a reboot the id may be another process.
        with suppress(psutil.Error):
            process = psutil.Process(number)
            if process.name() == program and process.cwd() == str(folder):
                processes.append(process)
    return processes


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
