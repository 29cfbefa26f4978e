"""Backups are made, deleted when old, and can be restored; a bad one is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from alarms.services import record_job_finished, record_job_started
from config.jobs import STOPS_MONEY
from ledger.chart import Asset, Kind, Reason
from ledger.services import Source, account, platform_account, transfer
from tests.cast import NOON, member

YEAR = 365 * 86_400


def test_a_backup_is_restored_and_proved(
    committed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(CommandError, match=r"events\.tasks\.deliver"):
        call_command("restore_drill")  # no job has ever run
    for name in STOPS_MONEY:
        record_job_started(name, at=NOON)
        record_job_finished(name, at=NOON)
    call_command("backup", str(tmp_path))
    [dump] = tmp_path.iterdir()
    assert dump.stat().st_mode & 0o077 == 0

    call_command("restore_drill", str(dump))

    shown = capsys.readouterr().out
    assert all(step in shown for step in ("restore", "prove_ledger", "reconcile", "health"))
    assert not drill_databases()


def test_a_backup_that_does_not_add_up_fails_the_drill(committed: str) -> None:
    """A commission in the ledger that no order explains."""
    transfer(
        key="k", debit=platform_account(Kind.COMMISSION_EXPENSE, Asset.CASH),
        credit=account(member("Lan"), Asset.CASH), amount=1_099, reason=Reason.COMMISSION,
        source=Source("orders.order", "o1"), effective_at=NOON,
    )  # fmt: skip

    with pytest.raises(CommandError, match="reconcile"):
        call_command("restore_drill")
    assert not drill_databases()


def test_a_damaged_dump_is_refused(committed: str, tmp_path: Path) -> None:
    dump = tmp_path / "twotier.dump"
    dump.write_bytes(b"PGDMP and no more")
    with pytest.raises(CommandError, match="pg_restore"):
        call_command("restore_drill", str(dump))
    assert not drill_databases()


def test_only_dumps_that_are_old_are_deleted(committed: str, tmp_path: Path) -> None:
    for name in ("twotier-old.dump", "other.dump"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (NOON.timestamp() - YEAR, NOON.timestamp() - YEAR))
    call_command("backup", str(tmp_path))
    names = {path.name for path in tmp_path.iterdir()}
    assert "twotier-old.dump" not in names
    assert "other.dump" in names
    assert len(names) == 2

    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path / "missing"))


def drill_databases() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE datname = current_database() || '_drill'"
        )
        return [name for (name,) in cursor.fetchall()]
