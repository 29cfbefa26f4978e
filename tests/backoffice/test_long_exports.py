"""Exports of more rows than a file may have: little memory, a sentence, and no file."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from backoffice import export_files
from backoffice.export_files import TooManyRows, write_table
from backoffice.export_tables import Table
from backoffice.exports import ask_export, claim_export, write_export
from backoffice.models import Export
from backoffice.sheets import Cell, Yuan
from members.models import User
from tests.cast import NOON, give

pytestmark = [pytest.mark.slow]

MILLIONS = 5_000_000
MB = 2**20
MOST_MEMORY = 40 * MB


def rows(count: int) -> Iterator[list[Cell]]:
    for number in range(count):
        yield [f"E{number:012}", Yuan(number), NOON + timedelta(seconds=number), "波"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_five_million_rows_end_at_the_limit_in_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(export_files, "MAX_ROWS", {"csv": 60_000, "xlsx": 20_000})
    written = 0

    def progress(count: int) -> None:
        nonlocal written
        written = count

    table = Table("订单", ["编号", "金额", "时间", "买家"], rows(MILLIONS))
    tracemalloc.start()
    try:
        with pytest.raises(TooManyRows):
            write_table(table, kind, tmp_path / "file", progress=progress)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert written <= export_files.MAX_ROWS[Export.Format(kind)]
    assert most < MOST_MEMORY


@pytest.fixture
def clerk(qian: User, settings: Settings, tmp_path: Path) -> User:
    settings.MEDIA_ROOT = tmp_path
    return give(qian, "view_event", "export_list")


@pytest.fixture
def many(db: None, monkeypatch: pytest.MonkeyPatch) -> int:
    """Insert more events than a file may have."""
    count = 50_000
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (name, at, subject_kind, subject_id, actor_kind, actor_id,"
            " data, request_id) SELECT 'orders.changed', now(), 'orders.order', n::text, '', '',"
            " '{}', '' FROM generate_series(1, %s) n",
            [count],
        )
        cursor.execute("ANALYZE events_event")
    monkeypatch.setattr(export_files, "MAX_ROWS", {"csv": count // 2, "xlsx": count // 2})
    return count


def test_a_list_of_too_many_rows_leaves_no_file(clerk: User, many: int) -> None:
    export = ask_export(
        by=clerk, label="events.event", query="", search="", columns=["at", "subject_id"],
        kind="csv", expected=many, at=NOON,
    )  # fmt: skip
    claimed = claim_export(at=NOON)
    assert claimed
    tracemalloc.start()
    try:
        write_export(export=claimed, now=lambda: NOON)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    export.refresh_from_db()

    assert (export.status, export.path) == ("failed", "")
    assert f"{many // 2:,}" in export.failure
    assert most < MOST_MEMORY
    assert not default_storage.exists("exports") or default_storage.listdir("exports")[1] == []


def test_far_too_many_rows_are_refused_at_once(
    clerk: User, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "MAX_ROWS", {"csv": 10_000, "xlsx": 10_000})
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(clerk)
    answer = client.post(
        reverse("admin:events_event_list_export"), {"format": "csv", "query": ""}, follow=True
    )

    assert "10,000" in answer.text
    assert not Export.objects.exists()
