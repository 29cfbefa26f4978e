"""Measure posting in bulk, against the floor (a plain INSERT of the same rows) and naive code."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.db import connection, transaction

from benchmarks import naive, stage, workers
from benchmarks.due_postings import (
    ACCOUNTS,
    COLUMNS,
    DUE_POSTINGS_SQL,
    NAIVE_SAMPLE,
    TRANSFERS,
    DuePosting,
)
from benchmarks.report import Row, Section, median_with_range, ratios
from common import clock
from ledger import proof
from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import Posting, open_wallets, platform_account, transfer_many
from members.models import Member

SEEDED = "bench_ledger"
ROUNDS = 5
MEMORY_MB = 150


# The same columns, indexes and checks as the ledger's table, with foreign keys declared instead of
# the triggers, and nothing else done.
FLOOR_TABLE = """
CREATE TABLE bench_floor (LIKE ledger_transfer INCLUDING ALL);
ALTER TABLE bench_floor
    ADD FOREIGN KEY (debit_id) REFERENCES ledger_account,
    ADD FOREIGN KEY (credit_id) REFERENCES ledger_account,
    ADD FOREIGN KEY (reverses_id) REFERENCES bench_floor
"""
FLOOR = f"""
INSERT INTO bench_floor ({", ".join(COLUMNS)}, asset, credit_balance_after)
SELECT {", ".join(COLUMNS)}, 'cash', 1 FROM bench_due ORDER BY id
"""


def measure() -> Section:
    with stage.seeded(SEEDED):
        _seed()
    ways: dict[str, Callable[[], float]] = {"floor": floor, "ours": ours, "naive": naive.post}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        print(f"ledger: round {turn + 1} of {ROUNDS} …", flush=True)
        with stage.fresh(SEEDED):
            naive.prepare()
            order = list(ways) if turn % 2 else list(ways)[::-1]
            for name in order:
                rates[name].append(ways[name]())
            assert proof.differences() == []
    floors, times = ratios(rates, "ours", "floor"), ratios(rates, "ours", "naive")
    with stage.fresh(SEEDED):
        memory = workers.run("rows").memory
    with stage.fresh(SEEDED):
        memory_streamed = workers.run("stream").memory
    return Section(
        "Posting 100,000 transfers into 5,000 accounts",
        "`transfer_many` in one transaction with text keys, all triggers and checks, balances and "
        "running balances, against one INSERT…SELECT of the same rows into a table with the same "
        "columns, indexes and checks and with declared foreign keys (the floor), and against a row "
        f"at a time through the ORM (naive; a sample of {NAIVE_SAMPLE:,} rows: lock, add, save, "
        f"insert, commit). {ROUNDS} rounds in turns, each in a fresh database; medians, and the "
        "range in brackets.",
        [
            Row("against the floor", median_with_range(floors), "≥ 0.6 ×", median(floors) >= 0.6),
            Row(
                "against row by row",
                median_with_range(times, digits=0),
                "≥ 100 ×",
                median(times) >= 100,
            ),
            Row(
                "memory of the worker, rows of the database",
                f"{memory:.0f} MB", f"≤ {MEMORY_MB} MB", memory <= MEMORY_MB,
            ),
            Row(
                "memory of the worker, rows streamed in from Python",
                f"{memory_streamed:.0f} MB", f"≤ {MEMORY_MB} MB", memory_streamed <= MEMORY_MB,
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
        started = perf_counter()
        cursor.execute(FLOOR)
        return TRANSFERS / (perf_counter() - started)


def ours() -> float:
    started = perf_counter()
    done = transfer_many(DuePosting.objects.order_by("id").values_list(*COLUMNS))
    taken = perf_counter() - started
    assert done.posted == TRANSFERS
    return TRANSFERS / taken


def run_worker(_: str) -> None:
    ours()


def run_streamed(_: str) -> None:
    """The same rows by way of Python, read and handed over as a stream."""
    with transaction.atomic():
        rows = DuePosting.objects.order_by("id").values_list(*COLUMNS)
        done = transfer_many(Posting(*row) for row in rows.iterator(chunk_size=2_000))
    assert done.posted == TRANSFERS


def _seed() -> None:
    people = Member.objects.bulk_create(
        Member(nickname=f"member {number}", joined_at=clock.now()) for number in range(ACCOUNTS)
    )
    open_wallets(people, [Asset.CASH])
    assert Account.objects.filter(kind=Kind.WALLET).count() == ACCOUNTS
    with connection.cursor() as cursor:
        cursor.execute(
            DUE_POSTINGS_SQL.format(expense=platform_account(Kind.COMMISSION_EXPENSE).pk)
        )
