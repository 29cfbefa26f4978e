"""Measure settlement: against the floor, row by row, with four workers, beside old rows."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from django.db import connection

from benchmarks import naive_settlement, stage, workers
from benchmarks.due_postings import COLUMNS
from benchmarks.ledger import FLOOR_TABLE
from benchmarks.past_orders import DUE_AT, add_credited, add_due
from benchmarks.report import Row, Section, at_least, median_with_range, ratios
from benchmarks.shop import SHOP
from benchmarks.sizes import (
    COMMISSIONS_PER_ORDER,
    DISTRIBUTORS,
    DUE_ORDERS,
    LEADERS,
    OLDER_ORDERS,
    ROUNDS,
)
from commissions.models import Commission, DueCredit
from commissions.services import settle
from ledger import proof
from ledger.chart import Asset
from ledger.services import commission_payer

YOUNG, OLD = "bench_young", "bench_old"
DUE, OLDER = DUE_ORDERS * COMMISSIONS_PER_ORDER, OLDER_ORDERS * COMMISSIONS_PER_ORDER
WORKERS, MEMORY_MB = 4, 150

# The same transfers as settling makes of what is due.
FLOOR = f"""
INSERT INTO bench_floor ({", ".join(COLUMNS)}, asset, credit_balance_after)
SELECT 'commission:' || commission_id || ':credit', %s, account_id, amount, 'commission',
    'commissions.commission', commission_id, release_at, NULL, asset, 1
FROM commissions_duecredit ORDER BY account_id, commission_id
"""


def measure() -> Section:
    with stage.seeded(YOUNG, on=SHOP):
        add_due(1, DUE_ORDERS)
    with stage.seeded(OLD, on=SHOP):
        add_credited(OLDER_ORDERS)
        add_due(OLDER_ORDERS + 1, OLDER_ORDERS + DUE_ORDERS)
    memory: list[float] = []
    ways: dict[str, tuple[str, Callable[[], float]]] = {
        "floor": (YOUNG, floor),
        "naive": (YOUNG, naive_settlement.settle),
        "one worker": (YOUNG, lambda: ours(1, memory)),
        "four workers": (YOUNG, lambda: ours(WORKERS, memory)),
        "one worker, long past": (OLD, lambda: ours(1, memory)),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        print(f"settlement: round {turn + 1} of {ROUNDS} …", flush=True)
        for name in list(ways) if turn % 2 else list(ways)[::-1]:
            where, way = ways[name]
            with stage.fresh(where):
                rates[name].append(way())
    return Section(
        f"Settling {DUE:,} due commissions of {DISTRIBUTORS + LEADERS:,} distributors",
        f"`settle` until nothing is due, in processes of their own; half of the rows go to "
        f"{LEADERS} leaders, all fall due within a day. With all that belongs to it: locks, "
        "wallets, transfers, status, queue, events. Against one INSERT…SELECT of the same "
        "transfers into a table with the same columns, indexes and checks and with declared "
        "foreign keys (the floor), and against a row at a time through the ORM (naive; a sample of "
        f"{naive_settlement.SAMPLE:,} rows: lock the commission and the wallet, add, insert, save, "
        f"commit). Long past: beside {OLDER:,} commissions that were credited before, and "
        f"their transfers. {ROUNDS} rounds in turns, each in a fresh database; medians, and the "
        "range in brackets.",
        [
            at_least("one worker against the floor", ratios(rates, "one worker", "floor"), 0.6),
            at_least("four workers against the floor", ratios(rates, "four workers", "floor"), 0.6),
            at_least(
                "one worker against row by row", ratios(rates, "one worker", "naive"), 150, digits=0
            ),
            at_least(
                f"beside {OLDER:,} older, against without",
                ratios(rates, "one worker, long past", "one worker"), 0.8,
            ),
            Row(
                "memory of a worker", f"{max(memory):.0f} MB", f"≤ {MEMORY_MB} MB",
                max(memory) <= MEMORY_MB,
            ),
            *(
                Row(f"rate, {name}", median_with_range(rates[name], " rows/s", 0), "", reached=True)
                for name in ways
            ),
        ],
    )  # fmt: skip


def floor() -> float:
    with connection.cursor() as cursor:
        cursor.execute(FLOOR_TABLE)
        paying = commission_payer(Asset.CASH).pk
        started = perf_counter()
        cursor.execute(FLOOR, [paying])
        assert cursor.rowcount == DUE
        return DUE / (perf_counter() - started)


def ours(processes: int, memory: list[float]) -> float:
    done = workers.run("settle", [""] * processes)
    memory.append(done.memory)
    assert not DueCredit.objects.exists()
    credited = Commission.objects.filter(status=Commission.Status.CREDITED)
    assert credited.count() == Commission.objects.count()
    assert proof.differences() == []
    return DUE / done.seconds


def run_worker(_: str) -> None:
    while settle(at=DUE_AT):
        pass
