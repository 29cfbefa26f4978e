"""Run one kind of work in a process, and print its peak memory in MB: see ``workers``.

``python -m benchmarks.worker WAY DATABASE ARGUMENT``
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402

from benchmarks import ledger, orders, payouts, settlement  # noqa: E402

JOBS = {
    "rows": ledger.run_worker,
    "stream": ledger.run_streamed,
    "settle": settlement.run_worker,
    "orders": orders.run_worker,
    "payouts": payouts.run_worker,
}


def peak_memory() -> float:
    """Return the peak of this program in MB.

    ``getrusage`` would count the parent too, as it was when it started this process.
    """
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    job, database, argument = sys.argv[1:]
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    JOBS[job](argument)
    print(peak_memory(), flush=True)
