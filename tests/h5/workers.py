"""A real worker for the queue of posters, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests.browser import PageServer

DEADLINE = 60.0


@contextmanager
def drawing(server: PageServer, folder: Path) -> Iterator[None]:
    """Run a worker that draws posters with the database and files of a server."""
    log = folder / "worker"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", "worker",
                "--queues", "posters", "--pool", "solo", "--without-gossip", "--without-mingle",
            ],
            env={**server.environment, "PYTHONWARNINGS": "ignore"},
            cwd=settings.BASE_DIR, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        end = time.monotonic() + DEADLINE
        while b"ready." not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, "the worker does not start"
            time.sleep(0.05)  # a poll, not an assumption: the deadline decides
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(DEADLINE)
