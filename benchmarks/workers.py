"""Run work in several processes that start at the same moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from django.db import connection


@dataclass(frozen=True)
class WorkerResult:
    seconds: float
    """From the start until the last has ended; not the time in which they came up."""
    memory: float
    """Of the largest, at its peak, in MB."""


def run(job: str, arguments: Sequence[str] = ("",)) -> WorkerResult:
    """One process for each of ``arguments``, in the database of this moment."""
    name = str(connection.settings_dict["NAME"])
    started = [_start(job, name, argument) for argument in arguments]
    try:
        for one in started:
            assert _line(one) == "ready"
        begun = perf_counter()
        for one in started:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        memories = [float(_line(one)) for one in started]
        return WorkerResult(perf_counter() - begun, max(memories))
    finally:
        for one in started:
            one.kill()
            one.communicate()


def _start(job: str, name: str, argument: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", job, name, argument],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line: str = process.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker has ended with code {process.wait()}")
    return line.strip()
