"""The one log of the supervisor and both servers, and why a start was refused."""

from __future__ import annotations

import os
import re
from pathlib import Path

MAX_LOG_SIZE = 1_000_000
TAIL_BYTES = 20_000
ERROR_LINE = re.compile(r"(?:FATAL|PANIC|ERROR|error|Error|# ).*")
# What a server says to those who ask before it is ready, and Valkey's advice to the machine.
IGNORED_LINE = re.compile(r"the database system is|terminating connection|# WARNING")


def journal(home: Path) -> Path:
    return home / "embedded.log"


def open_log(home: Path) -> int:
    """A descriptor that appends, so that shortening the file never leaves a hole."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(journal(home), flags, 0o600)
    truncate_log(descriptor)
    return descriptor


def truncate_log(descriptor: int) -> None:
    if os.fstat(descriptor).st_size > MAX_LOG_SIZE:
        os.ftruncate(descriptor, 0)


def last_error(home: Path) -> str:
    """The last line that tells of trouble, else the last line, else that there is none."""
    try:
        with journal(home).open("rb") as text:
            text.seek(max(0, text.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = [line.strip() for line in text.read().decode(errors="replace").splitlines()]
    except OSError:
        lines = []
    for line in reversed(lines):
        if (found := ERROR_LINE.search(line)) and not IGNORED_LINE.search(line):
            return found[0]
    return next((line for line in reversed(lines) if line), "its log is empty")


def last_error_with_path(home: Path) -> str:
    return f"{last_error(home)} (see {journal(home)})"


def refuse(home: Path, reason: str) -> None:
    """Leave the reason to the client that waits for us."""
    (home / "refused").write_text(" ".join(reason.split()), encoding="utf-8")


def refused(home: Path) -> str:
    """Why the last start was refused, or nothing."""
    try:
        return (home / "refused").read_text(encoding="utf-8")
    except OSError:
        return ""


def clear_state(home: Path) -> None:
    """Before a start: what the last supervisor has said holds no longer."""
    for said in ("refused", "sockets"):
        (home / said).unlink(missing_ok=True)


def write_sockets_path(home: Path, sockets: Path) -> None:
    """Tell clients that both servers answer, and where: theirs may be another temporary folder."""
    (home / "sockets").write_text(str(sockets), encoding="utf-8")


def read_sockets_path(home: Path) -> str:
    try:
        return (home / "sockets").read_text(encoding="utf-8")
    except OSError:
        return ""
