"""A real mall's history yields every commission and wallet exactly to the minor unit."""

from __future__ import annotations

import csv
import io
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from commissions.services import settle
from integration.mall.files import Files, read_all
from integration.mall.history import batches, order_snapshots, snapshot_at
from integration.mall.replay import import_batch
from ledger.proof import differences
from orders.intake import ingest_orders
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK
from tests.concurrency import run_concurrently
from tests.databases import cloned, using
from tests.shop import settle_all

MALL = Path(settings.BASE_DIR).parent / "shared" / "data" / "mall"
NOW = datetime.fromisoformat("2018-08-20T00:00:00+08:00")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MALL.is_dir(), reason="the mall's data is not part of the project"),
]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(command: str) -> list[dict[str, str]]:
    out = io.StringIO()
    call_command(command, stdout=out)
    return rows(out.getvalue())


def expected(file: str) -> list[dict[str, str]]:
    return rows((MALL / file).read_text(encoding="utf-8"))


def sort_rows(table: list[dict[str, str]]) -> list[dict[str, str]]:
    return sorted(table, key=lambda row: (row["order_no"], int(row["line_no"]), row["tier"]))


def net_balances() -> dict[tuple[str, str], int]:
    """Return the balance of each wallet plus held minus owed; zero is left out."""
    wallets = exported("export_wallets")
    balances = {
        (row["member"], row["kind"]): int(row["balance"]) + int(row["held"]) - int(row["owed"])
        for row in wallets
    }
    return {key: amount for key, amount in balances.items() if amount}


def assert_as_expected() -> None:
    assert sort_rows(exported("export_commissions")) == sort_rows(
        expected("expected_commissions.csv")
    )
    credited = {
        (row["beneficiary"], row["asset"]): int(row["credited"])
        for row in expected("expected_totals.csv")
    }
    assert net_balances() == {key: amount for key, amount in credited.items() if amount}
    assert differences() == []


def import_mall(until: datetime = NOW) -> None:
    call_command("import_mall", str(MALL), "--until", until.isoformat(), stdout=io.StringIO())


@pytest.fixture(scope="module")
def moved_in(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Import the mall once, settle nothing, and return the name of its database."""
    with django_db_blocker.unblock(), cloned("moved_in") as name:
        with using(name):
            import_mall()
        yield name


@pytest.fixture
def imported(moved_in: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Use a copy of the imported mall."""
    with django_db_blocker.unblock(), using(moved_in), cloned("imported") as name, using(name):
        yield


@pytest.mark.usefixtures("imported")
def test_imported_and_settled_the_mall_is_as_expected() -> None:
    settle_all(at=NOW)

    assert_as_expected()


@pytest.mark.usefixtures("imported")
def test_a_second_import_changes_nothing() -> None:
    settle_all(at=NOW)
    import_mall()
    settle_all(at=NOW)

    assert_as_expected()


@pytest.mark.usefixtures("imported")
def test_four_concurrent_workers_give_the_same() -> None:
    def settle_until_idle() -> int:
        total = 0
        while count := settle(at=NOW, limit=50):
            total += count
        return total

    shares = run_concurrently(
        settle_until_idle, settle_until_idle, settle_until_idle, settle_until_idle
    )
    assert sum(shares) + settle_all(at=NOW) == 3279, shares
    assert_as_expected()


@pytest.mark.usefixtures("committed")
def test_importing_and_settling_in_steps_gives_the_same() -> None:
    for until in ("2017-02-15", "2017-11-24", "2018-03-01", "2018-07-31"):
        at = datetime.fromisoformat(f"{until}T12:00:00+08:00")
        import_mall(at)
        settle_all(at=at)
    import_mall()
    settle_all(at=NOW)

    assert_as_expected()


@pytest.fixture
def files(committed: str) -> Files:
    """Read the files after importing goods and plan, but no history."""
    call_command(
        "import_mall", str(MALL), "--until", "2000-01-01T00:00:00+08:00", stdout=io.StringIO()
    )
    read, problems = read_all(MALL)
    assert problems == []
    return read


def test_settling_every_day_gives_the_same(files: Files) -> None:
    settled = None
    for batch in batches(files, NOW):
        while settled and settled + timedelta(days=1) <= batch.until:
            settled += timedelta(days=1)
            settle_all(at=settled)
        settled = settled or batch.until
        import_batch(batch, clock=CLOCK)
    settle_all(at=NOW)

    assert_as_expected()


def test_a_killed_import_that_is_run_again_gives_the_same(committed: str) -> None:
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

    import_mall()
    settle_all(at=NOW)

    assert_as_expected()


def test_snapshots_in_random_order_with_duplicates_give_the_same(files: Files) -> None:
    for batch in batches(files, NOW):
        import_batch(replace(batch, orders=[]), clock=CLOCK)
    randomness = random.Random(1)
    snapshots = [
        snapshot
        for order in order_snapshots(files).values()
        for snapshot in partial_snapshots(order)
    ]
    snapshots += randomness.sample(snapshots, len(snapshots) // 4)
    randomness.shuffle(snapshots)

    for start in range(0, len(snapshots), 200):
        outcomes = ingest_orders(snapshots[start : start + 200], at=NOW, clock=CLOCK)
        assert [outcome.error for outcome in outcomes if outcome.error] == []
        if randomness.random() < 0.1:
            settle_all(at=NOW - timedelta(days=randomness.randrange(60)))
    settle_all(at=NOW)

    assert_as_expected()


def partial_snapshots(order: OrderSnapshot) -> list[OrderSnapshot]:
    """Return one snapshot for each change, and one with all."""
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
