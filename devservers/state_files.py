"""Read and write the log of the servers and the state files of the supervisor."""

from __future__ import annotations

import os
import re
from pathlib import Path

MAX_LOG_SIZE = 1_000_000
TAIL_BYTES = 20_000
ERROR_LINE = re.compile(r"(?:FATAL|PANIC|ERROR|error|Error|# ).*")
# Replies of a server that is not ready yet, and Valkey's advice on the machine.
IGNORED_LINE = re.compile(r"the database system is|terminating connection|# WARNING")


def log_path(home: Path) -> Path:
    return home / "embedded.log"


def open_log(home: Path) -> int:
    """Open the log for appending, so that truncating it never leaves a hole."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(log_path(home), flags, 0o600)
    truncate_log(descriptor)
    return descriptor


def truncate_log(descriptor: int) -> None:
    if os.fstat(descriptor).st_size > MAX_LOG_SIZE:
        os.ftruncate(descriptor, 0)


def last_error(home: Path) -> str:
    """Return the last error line, else the last line, else that the log is empty."""
    try:
        with log_path(home).open("rb") as text:
            text.seek(max(0, text.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = [line.strip() for line in text.read().decode(errors="replace").splitlines()]
    except OSError:
        lines = []
    for line in reversed(lines):
        if (found := ERROR_LINE.search(line)) and not IGNORED_LINE.search(line):
            return found[0]
    return next((line for line in reversed(lines) if line), "its log is empty")


def last_error_with_path(home: Path) -> str:
    return f"{last_error(home)} (see {log_path(home)})"


def write_start_error(home: Path, reason: str) -> None:
    """Save the error for the waiting client."""
    (home / "refused").write_text(" ".join(reason.split()), encoding="utf-8")


def read_start_error(home: Path) -> str:
    """Return the error of the last start, or nothing."""
    try:
        return (home / "refused").read_text(encoding="utf-8")
    except OSError:
        return ""


def clear_state(home: Path) -> None:
    """Remove the state files of the last supervisor."""
    for name in ("refused", "sockets"):
        (home / name).unlink(missing_ok=True)


def write_sockets_path(home: Path, sockets: Path) -> None:
    """Publish that both servers answer, and where: a client may have another temporary folder."""
    (home / "sockets").write_text(str(sockets), encoding="utf-8")


def read_sockets_path(home: Path) -> str:
    try:
        return (home / "sockets").read_text(encoding="utf-8")
    except OSError:
        return ""
