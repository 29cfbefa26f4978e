"""Exports of lists: what is in the file, who may have it, and what the worker does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.fernet import Fernet
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from python_calamine import CalamineWorkbook

from backoffice import export_files, exports
from backoffice.exports import (
    NoSuchExport,
    TooManyExports,
    ask_export,
    claim_export,
    file_of,
    finish_export,
    remove_old_files,
    write_export,
)
from backoffice.models import FILES_LAST, Export
from common.errors import PermissionMissing
from members.models import Member, User
from orders.models import Order
from tests.cast import NOON, give, member
from tests.shop import ingest, open_shop, order

pytestmark = pytest.mark.django_db
LIST = "orders.order"
EXPORT = "admin:orders_order_list_export"


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def orders(db: None) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"E{number}") for number in (1, 2, 3)))


@pytest.fixture
def clerk(qian: User) -> User:
    return give(qian, "view_order", "view_member", "export_list")


@pytest.fixture
def client(clerk: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(clerk)
    return client


@pytest.fixture
def long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is short enough to be sent at once."""
    monkeypatch.setattr(export_files, "DIRECT_ROWS", 0)


def table(answer: Any) -> list[list[Any]]:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if answer["Content-Type"] == "text/csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def asked(by: User, **changes: Any) -> Export:
    given = {"label": LIST, "query": "", "search": "", "columns": ["number"], "kind": "csv"}
    return ask_export(by=by, expected=3, at=NOON, **{**given, **changes})


def work() -> Export:
    """Do what the worker does with the next export."""
    export = claim_export(at=NOON)
    assert export
    write_export(export=export, now=lambda: NOON)
    export.refresh_from_db()
    return export


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_has_the_visible_rows_and_columns(
    client: Client, orders: None, kind: str
) -> None:
    client.post(
        reverse("admin:orders_order_list_columns"),
        {"column": ["number", "paid_goods", "placed_at"]},
    )
    answer = client.post(reverse(EXPORT), {"format": kind, "query": "sort=-placed_at&q=E2"})
    titles, *rows = table(answer)

    assert [title.lower() for title in titles] == ["order number", "paid for goods", "placed at"]
    (row,) = rows
    assert str(row[0]) == "E2"
    assert float(row[1]) == 109.9
    assert str(row[2])[:16] == "2026-11-02 12:00"
    assert answer["Content-Disposition"].endswith(f'.{kind}"')


def test_every_export_is_recorded(client: Client, clerk: User, orders: None) -> None:
    client.post(reverse(EXPORT), {"format": "csv", "query": "status=paid&q=E1&placed_at__in=today"})
    export = Export.objects.get()

    assert (export.by, export.label, export.status, export.rows) == (clerk, LIST, "done", 0)
    assert "status=paid" in export.query
    assert "placed_at__from=" in export.query  # the days that were today
    assert "E1" not in export.query


def test_the_record_is_not_changed_or_deleted(clerk: User) -> None:
    export = asked(clerk)
    for change in (
        lambda: Export.objects.filter(pk=export.pk).update(query="status=void"),
        lambda: Export.objects.filter(pk=export.pk).update(status="done"),
        lambda: Export.objects.filter(pk=export.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_formulas_stay_text(client: Client) -> None:
    name = '=HYPERLINK("http://x.example","y")'
    Member.objects.filter(pk=member("Mei").pk).update(nickname=name)
    for kind in ("csv", "xlsx"):
        answer = client.post(reverse("admin:members_member_list_export"), {"format": kind})
        assert table(answer)[1][0].removeprefix("'") == name
        content = answer.content
        if kind == "csv":
            assert f"'{name[:4]}" in content.decode("utf-8-sig")
        else:
            with ZipFile(io.BytesIO(content)) as parts:
                assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_without_the_right_nobody_exports(qian: User, orders: None) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(give(qian, "view_order"))
    page = client.get(reverse("admin:orders_order_changelist")).content.decode()
    answer = client.post(reverse(EXPORT), {"format": "csv"}, follow=True)

    assert "/list/export/" not in page
    assert answer["Content-Type"].startswith("text/html")
    assert not Export.objects.exists()
    with pytest.raises(PermissionMissing):
        asked(qian)


@pytest.mark.parametrize("kind", ["", "pdf", "XLSX"])
def test_an_unknown_format_is_not_found(client: Client, kind: str) -> None:
    assert client.post(reverse(EXPORT), {"format": kind}).status_code == 404


def test_a_wrong_filter_exports_nothing(client: Client, orders: None) -> None:
    query = "placed_at__from=2026-12-01&placed_at__to=2026-11-01"
    answer = client.post(reverse(EXPORT), {"format": "csv", "query": query}, follow=True)

    assert "after the last one" in answer.content.decode()
    assert not Export.objects.exists()


def test_a_long_export_is_written_by_the_worker(
    client: Client, clerk: User, orders: None, long_lists: None
) -> None:
    answer = client.post(reverse(EXPORT), {"format": "xlsx", "query": "sort=placed_at"})
    waiting = client.get(answer["Location"]).content.decode()
    export = work()
    ready = client.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    file = client.get(reverse("admin:office_export_file", args=[export.public_id]))

    assert "Waits for a worker" in waiting
    assert "every 2s" in waiting
    assert (export.status, export.rows) == ("done", 3)
    assert "every 2s" not in ready
    assert len(table(file)) == 4


def test_an_export_of_a_search_forgets_the_search(clerk: User, orders: None) -> None:
    export = asked(clerk, search="E2")
    assert "E2" not in export.search_encrypted
    done = work()

    assert (done.rows, done.search_encrypted) == (1, "")


def test_the_search_of_a_waiting_export_is_encrypted_with_the_new_key(
    clerk: User, orders: None, settings: Settings
) -> None:
    asked(clerk, search="E2")
    old, new = settings.FIELD_ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [new, old]

    call_command("rotate_encryption")
    settings.FIELD_ENCRYPTION_KEYS = [new]

    assert work().rows == 1


def test_the_worker_sees_what_the_person_may_see_now(clerk: User, orders: None) -> None:
    asked(clerk)
    clerk.user_permissions.clear()
    export = work()

    assert (export.status, export.path) == ("failed", "")
    assert export.failure


def test_too_many_rows_are_refused_in_words(
    clerk: User, orders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "MAX_ROWS", {"csv": 2, "xlsx": 2})
    asked(clerk)
    export = work()

    assert (export.status, export.path) == ("failed", "")
    assert "2" in export.failure
    assert not default_storage.exists("exports") or default_storage.listdir("exports") == ([], [])


def test_far_too_many_rows_are_refused_before_they_are_written(
    client: Client, orders: None, long_lists: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_files, "estimated_count", lambda _rows: 5_000_000)
    answer = client.post(reverse(EXPORT), {"format": "csv"}, follow=True)

    assert "more than 1,000,000 rows" in answer.content.decode()
    assert not Export.objects.exists()


def test_a_person_has_a_limit_of_waiting_exports(clerk: User, feng: User) -> None:
    for _ in range(exports.MAX_OPEN):
        asked(clerk)

    with pytest.raises(TooManyExports):
        asked(clerk)
    assert asked(give(feng, "view_order", "export_list")).pk
    assert Export.objects.count() == exports.MAX_OPEN + 1


def test_a_worker_that_died_is_replaced(clerk: User, orders: None) -> None:
    asked(clerk)
    first = claim_export(at=NOON)
    assert claim_export(at=NOON) is None
    later = NOON + exports.LEASE + timedelta(seconds=1)
    second = claim_export(at=later)

    assert first
    assert second
    write_export(export=second, now=lambda: later)
    # The first worker was only slow: what it writes is thrown away.
    finish_export(export=first, rows=9, path="exports/late.csv", size=1, at=later)
    second.refresh_from_db()
    assert (second.status, second.rows, second.attempts) == ("done", 3, 2)


def test_a_fault_is_tried_again_and_then_given_up(
    clerk: User, orders: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Iterator[Any]:
        raise ValueError("broken")

    monkeypatch.setattr(export_files, "cell_reader", fail)
    asked(clerk)
    states = [work().status for _ in range(exports.MAX_ATTEMPTS)]

    assert states == ["waiting", "waiting", "failed"]


def test_nobody_else_gets_the_file(clerk: User, feng: User, orders: None) -> None:
    asked(clerk)
    export = work()
    feng = give(feng, "view_order", "export_list")

    assert file_of(by=clerk, public_id=export.public_id.upper()) == export
    with pytest.raises(NoSuchExport):
        file_of(by=feng, public_id=export.public_id)


def test_a_file_needs_the_rights_that_its_list_needs(clerk: User, orders: None) -> None:
    asked(clerk)
    export = work()
    clerk.user_permissions.clear()
    stripped = give(User.objects.get(pk=clerk.pk), "export_list")

    with pytest.raises(PermissionMissing):
        file_of(by=stripped, public_id=export.public_id)


def test_files_are_removed_after_a_week(clerk: User, orders: None) -> None:
    asked(clerk)
    export = work()
    assert remove_old_files(at=NOON + FILES_LAST) == 0
    assert remove_old_files(at=NOON + FILES_LAST + timedelta(seconds=1)) == 1
    path = export.path
    export.refresh_from_db()

    assert (export.status, export.path) == ("removed", "")
    assert not default_storage.exists(path)
    with pytest.raises(NoSuchExport):
        file_of(by=clerk, public_id=export.public_id)


def test_selected_rows_are_exported_alone(client: Client, orders: None) -> None:
    chosen = list(Order.objects.order_by("pk").values_list("pk", flat=True)[:2])
    answer: HttpResponse = client.post(
        reverse("admin:orders_order_changelist"),
        {"action": "export_selected", "_selected_action": chosen},
    )  # type: ignore[assignment]

    assert [row[0] for row in table(answer)[1:]] == ["E2", "E1"]
    assert Export.objects.get().rows == 2
