"""The sizes of the measurements.

``BENCH_SCALE=0.1 ./run bench`` tries the benchmarks out in a minute or two; its ratios say little.
"""

from __future__ import annotations

import os

SCALE = float(os.environ.get("BENCH_SCALE", "1"))


def scaled(size: int, *, least: int = 1) -> int:
    return max(least, round(size * SCALE))


ROUNDS = 3

LEADERS = 20
DISTRIBUTORS = 2_000  # below the leaders, evenly
BUYERS = 20_000  # below the distributors, evenly
HOT_BUYERS = 4_000  # more buyers, all below one distributor
RULES = 400

DUE_ORDERS = scaled(50_000, least=100)  # of two lines and two tiers each: 200,000 commissions
OLDER_ORDERS = scaled(500_000, least=1_000)
COMMISSIONS_PER_LINE = 2  # commissions
COMMISSIONS_PER_ORDER = 2 * COMMISSIONS_PER_LINE
