"""A process that does one kind of work, and prints its peak memory in MB: see ``workers``.

``python -m benchmarks.worker WAY DATABASE ARGUMENT``
"""

from __future__ import annotations

import resource
import sys

import django

django.setup()

from django.db import connection  # noqa: E402

from benchmarks import ledger, orders, payouts, settlement  # noqa: E402

WAYS = {
    "rows": ledger.work,
    "stream": ledger.work_streamed,
    "settle": settlement.work,
    "orders": orders.work,
    "payouts": payouts.work,
}

if __name__ == "__main__":
    way, database, argument = sys.argv[1:]
    connection.settings_dict["NAME"] = database
    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    WAYS[way](argument)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
