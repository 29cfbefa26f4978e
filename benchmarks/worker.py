"""A process that only posts, and prints its peak memory in MB.

``python -m benchmarks.worker (rows|stream) DATABASE``
"""

from __future__ import annotations

import resource
import sys

import django

django.setup()

from django.db import connection  # noqa: E402

from benchmarks.ledger import ours, streamed  # noqa: E402

if __name__ == "__main__":
    connection.settings_dict["NAME"] = sys.argv[2]
    {"rows": ours, "stream": streamed}[sys.argv[1]]()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
