"""Work done by processes of their own, which start at one moment."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from django.db import connection


@dataclass(frozen=True)
class Done:
    seconds: float
    """From the start until the last has ended; not the time in which they came up."""
    memory: float
    """Of the largest, at its peak, in MB."""


def run(way: str, arguments: Sequence[str] = ("",)) -> Done:
    """One process for each of ``arguments``, in the database of this moment."""
    name = str(connection.settings_dict["NAME"])
    started = [_start(way, name, argument) for argument in arguments]
    try:
        for one in started:
            assert _line(one) == "ready"
        begun = perf_counter()
        for one in started:
            assert one.stdin
            one.stdin.write("go\n")
            one.stdin.flush()
        memories = [float(_line(one)) for one in started]
        return Done(perf_counter() - begun, max(memories))
    finally:
        for one in started:
            one.kill()
            one.communicate()


def _start(way: str, name: str, argument: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.worker", way, name, argument],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line: str = process.stdout.readline()
    if not line:
        raise RuntimeError(f"a worker has ended with code {process.wait()}")
    return line.strip()
