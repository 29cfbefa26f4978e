"""A real worker with its clock, for the tasks that pages wait for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.browser import PageServer

DEADLINE = 90.0


@contextmanager
def working(server: PageServer, folder: Path) -> Iterator[None]:
    """Run the periodic tasks and those that are asked for, in a process of its own."""
    log = folder / "worker"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", "worker",
                "--beat", "--schedule", str(folder / "beat"), "--pool", "solo",
                "--without-gossip", "--without-mingle",
            ],
            env={**server.environment, "PYTHONWARNINGS": "ignore"},
            cwd=settings.BASE_DIR, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: b"ready." in log.read_bytes(), process, log)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)


def until(
    is_done: Callable[[], bool], process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:  # fmt: skip
    """Wait until something is so; the deadline decides, not the pauses between."""
    end = time.monotonic() + DEADLINE
    while not is_done():
        said = log.read_text() if log else ""
        assert process is None or process.poll() is None, said
        assert time.monotonic() < end, f"it did not happen in time {said[-2_000:]}"
        time.sleep(0.1)
