"""Posting in bulk, against the floor (the same rows, plainly inserted) and the naive way."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from django.db import connection, transaction

from benchmarks import naive, stage
from benchmarks.due import ACCOUNTS, COLUMNS, DUE, NAIVE_SAMPLE, TRANSFERS, Due
from benchmarks.report import Row, Section
from common import clock
from ledger import proof
from ledger.chart import Asset, Kind
from ledger.models import Account
from ledger.services import Posting, open_wallets, platform, transfer_many
from members.models import Member

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
    _seed()
    ways: dict[str, Callable[[], float]] = {"floor": floor, "ours": ours, "naive": naive.post}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS):
        print(f"ledger: round {turn + 1} of {ROUNDS} …", flush=True)
        with stage.fresh():
            naive.prepare()
            order = list(ways) if turn % 2 else list(ways)[::-1]
            for name in order:
                rates[name].append(ways[name]())
            assert proof.differences() == []
    pairs = [mine / floor for mine, floor in zip(rates["ours"], rates["floor"], strict=True)]
    times = [mine / naive for mine, naive in zip(rates["ours"], rates["naive"], strict=True)]
    with stage.fresh():
        memory = _memory("rows")
    with stage.fresh():
        memory_streamed = _memory("stream")
    return Section(
        "Posting 100,000 transfers into 5,000 accounts",
        "`transfer_many` in one transaction with text keys, all triggers and checks, balances and "
        "running balances, against one INSERT…SELECT of the same rows into a table with the same "
        "columns, indexes and checks and with declared foreign keys (the floor), and against a row "
        f"at a time through the ORM (naive; a sample of {NAIVE_SAMPLE:,} rows: lock, add, save, "
        f"insert, commit). {ROUNDS} rounds in turns, each in a fresh database; medians, and the "
        "range in brackets.",
        [
            Row("against the floor", _told(pairs, "×"), "≥ 0.6 ×", median(pairs) >= 0.6),
            Row("against row by row", _told(times, "×", 0), "≥ 100 ×", median(times) >= 100),
            Row(
                "memory of the worker, rows of the database",
                f"{memory:.0f} MB", f"≤ {MEMORY_MB} MB", memory <= MEMORY_MB,
            ),
            Row(
                "memory of the worker, rows streamed in from Python",
                f"{memory_streamed:.0f} MB", f"≤ {MEMORY_MB} MB", memory_streamed <= MEMORY_MB,
            ),
            *(
                Row(f"rate, {name}", _told(rates[name], " rows/s", 0), "", reached=True)
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
    done = transfer_many(Due.objects.order_by("id").values_list(*COLUMNS))
    taken = perf_counter() - started
    assert done.posted == TRANSFERS
    return TRANSFERS / taken


def streamed() -> None:
    """The same rows by way of Python, read and handed over as a stream."""
    with transaction.atomic():
        rows = Due.objects.order_by("id").values_list(*COLUMNS)
        done = transfer_many(Posting(*row) for row in rows.iterator(chunk_size=2_000))
    assert done.posted == TRANSFERS


def _seed() -> None:
    people = Member.objects.bulk_create(
        Member(nickname=f"member {number}", joined_at=clock.now()) for number in range(ACCOUNTS)
    )
    open_wallets(people, [Asset.CASH])
    assert Account.objects.filter(kind=Kind.WALLET).count() == ACCOUNTS
    with connection.cursor() as cursor:
        cursor.execute(DUE.format(expense=platform(Kind.COMMISSION_EXPENSE).pk))


def _memory(way: str) -> float:
    """Peak memory in MB of a process of its own that does nothing else."""
    name = connection.settings_dict["NAME"]
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.worker", way, name],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(found.stdout.split()[-1])


def _told(values: list[float], unit: str, digits: int = 2) -> str:
    middle, least, most = (
        f"{value:,.{digits}f}" for value in (median(values), min(values), max(values))
    )
    return f"{middle}{unit} [{least}–{most}]"
