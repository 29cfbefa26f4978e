"""The history of a real mall gives every commission and every wallet to the minor unit."""

from __future__ import annotations

import csv
import io
import random
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command

from commissions.services import settle
from integration.mall.files import Files, read_all
from integration.mall.history import batches, order_snapshots, snapshot_at
from integration.mall.replay import import_batch
from ledger.proof import differences
from orders.services import ingest_orders
from orders.snapshots import OrderSnapshot
from tests.concurrency import run_concurrently
from tests.shop import settle_all

MALL = Path(settings.BASE_DIR).parent / "shared" / "data" / "mall"
NOW = datetime.fromisoformat("2018-08-20T00:00:00+08:00")

pytestmark = [
    pytest.mark.skipif(not MALL.is_dir(), reason="the mall's data is not part of the project"),
    pytest.mark.usefixtures("committed"),
]
slow = pytest.mark.slow


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(command: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(command, stdout=out)
    return rows(out.getvalue())


def expected(file: str) -> list[dict[str, str]]:
    return rows((MALL / file).read_text(encoding="utf-8"))


def in_order(table: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(table, key=lambda row: (row["order_no"], int(row["line_no"]), row["tier"]))


def net() -> dict[tuple[str, str], int]:
    """What each wallet has and holds, less what it owes; only where that is something."""
    wallets = exported("export_wallets")
    found = {
        (row["member"], row["kind"]): int(row["balance"]) + int(row["held"]) - int(row["owed"])
        for row in wallets
    }
    return {key: amount for key, amount in found.items() if amount}


def assert_as_expected() -> None:
    assert in_order(exported("export_commissions")) == in_order(
        expected("expected_commissions.csv")
    )
    credited = {
        (row["beneficiary"], row["asset"]): int(row["credited"])
        for row in expected("expected_totals.csv")
    }
    assert net() == {key: amount for key, amount in credited.items() if amount}
    assert differences() == []


def move_in(until: datetime = NOW) -> None:
    call_command("import_mall", str(MALL), "--until", until.isoformat(), stdout=io.StringIO())


def test_moved_in_and_settled_it_is_as_expected() -> None:
    move_in()
    settle_all(at=NOW)

    assert_as_expected()


@slow
def test_moved_in_twice_it_is_the_same() -> None:
    move_in()
    settle_all(at=NOW)
    move_in()
    settle_all(at=NOW)

    assert_as_expected()


@slow
def test_moved_in_by_and_by_and_settled_on_the_way_it_is_the_same() -> None:
    for until in ("2017-02-15", "2017-11-24", "2018-03-01", "2018-07-31"):
        at = datetime.fromisoformat(f"{until}T12:00:00+08:00")
        move_in(at)
        settle_all(at=at)
    move_in()
    settle_all(at=NOW)

    assert_as_expected()


@pytest.fixture
def files(committed: str) -> Files:
    """What stands in the files, with the shelves stocked and the plan published."""
    call_command(
        "import_mall", str(MALL), "--until", "2000-01-01T00:00:00+08:00", stdout=io.StringIO()
    )
    read, problems = read_all(MALL)
    assert problems == []
    return read


@slow
def test_settled_every_day_it_is_the_same(files: Files) -> None:
    settled = None
    for batch in batches(files, NOW):
        while settled and settled + timedelta(days=1) <= batch.until:
            settled += timedelta(days=1)
            settle_all(at=settled)
        settled = settled or batch.until
        import_batch(batch)
    settle_all(at=NOW)

    assert_as_expected()


@slow
def test_settled_by_four_workers_at_once_it_is_the_same() -> None:
    move_in()

    def work() -> int:
        done = 0
        while some := settle(at=NOW, limit=50):
            done += some
        return done

    shares = run_concurrently(work, work, work, work)
    assert sum(shares) + settle_all(at=NOW) == 3279, shares
    assert_as_expected()


@slow
def test_killed_in_the_middle_and_run_again_it_is_the_same(committed: str) -> None:
    arguments = ["import_mall", str(MALL), "--until", NOW.isoformat()]
    script = (
        "import sys, django; django.setup();"
        "from django.db import connections;"
        f"connections.settings['default']['NAME'] = {committed!r};"
        "from django.core.management import call_command;"
        f"call_command(*{arguments!r})"
    )
    for batches_before in (3, 9):
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", script],
            stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR,
        )  # fmt: skip
        assert process.stdout
        for _ in range(batches_before + 1):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        settle_all(at=NOW)

    move_in()
    settle_all(at=NOW)

    assert_as_expected()


@slow
@pytest.mark.parametrize("seed", [1, 2])
def test_facts_in_a_random_order_with_duplicates_give_the_same(files: Files, seed: int) -> None:
    for batch in batches(files, NOW):
        import_batch(replace(batch, orders=[]))
    chance = random.Random(seed)
    facts = [fact for order in order_snapshots(files).values() for fact in told_bit_by_bit(order)]
    facts += chance.sample(facts, len(facts) // 4)
    chance.shuffle(facts)

    for start in range(0, len(facts), 200):
        outcomes = ingest_orders(facts[start : start + 200], at=NOW)
        assert [outcome.error for outcome in outcomes if outcome.error] == []
        if chance.random() < 0.1:
            settle_all(at=NOW - timedelta(days=chance.randrange(60)))
    settle_all(at=NOW)

    assert_as_expected()


def told_bit_by_bit(order: OrderSnapshot) -> list[OrderSnapshot]:
    """One delivery for each fact, which tells nothing else, and one for the whole."""
    whole = snapshot_at(order, NOW)
    if order.placed_at > NOW:
        return []
    bare = replace(
        whole, paid_at=None, shipped_at=None, received_at=None, closed_at=None, refunds=()
    )
    times: list[dict[str, Any]] = [
        {name: getattr(whole, name)}
        for name in ("paid_at", "shipped_at", "received_at", "closed_at")
        if getattr(whole, name)
    ]
    return [
        bare,
        *(replace(bare, **time) for time in times),
        *(replace(bare, refunds=(refund,)) for refund in whole.refunds),
        whole,
    ]
