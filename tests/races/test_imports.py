"""Two people confirm one file, or a price changes while a file is applied."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.db import connection

from backoffice import imports
from backoffice.import_verbs import FileAppliedAlready, begin_import, confirm_import
from backoffice.import_work import claim_import, run_import
from backoffice.models import Import
from catalog.admin.goods_import import GOODS
from catalog.models import Sku
from tests.backoffice.files import csv_file
from tests.cast import NOON, give, staff
from tests.concurrency import run_during_transaction
from tests.shop import sku

pytestmark = pytest.mark.usefixtures("committed")
FILE = csv_file(["sku", "name", "price"], ["mask", "mask", "50"])


def checked(*names: str) -> list[Import]:
    """Let each of these people upload the same file, and a worker check it."""
    for name in names:
        by = give(staff(name), "import_product")
        begin_import(kind=GOODS, by=by, file_name="goods.csv", content=FILE, at=NOON)
        work()
    return list(Import.objects.order_by("pk"))


def work() -> None:
    row = claim_import(at=NOON)
    assert row
    run_import(row=row, now=lambda: NOON)


def confirm(row: Import) -> None:
    confirm_import(row=row, by=row.by, checked_at=NOON, skips_wrong=False, at=NOON)


def both_confirm() -> list[Any]:
    sku()
    first, second = checked("Qian", "Feng")
    return run_during_transaction(partial(confirm, first), partial(confirm, second))


def test_one_of_two_people_confirms_a_file() -> None:
    first, second = both_confirm()

    assert first is None
    assert isinstance(second, FileAppliedAlready)
    assert list(Import.objects.order_by("pk").values_list("status", flat=True)) == [
        "confirmed", "checked",
    ]  # fmt: skip


def test_control_without_the_constraint_both_confirm() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX import_file_once")
    both_confirm()

    assert Import.objects.filter(status="confirmed").count() == 2


def price_changes_meanwhile() -> tuple[str, int]:
    """Somebody sets the price to 77 yuan while a worker applies a file that has 50."""
    mask = sku()
    (row,) = checked("Qian")
    confirm(row)
    results = run_during_transaction(
        lambda: Sku.objects.filter(pk=mask.pk).update(price=7_700), work
    )
    assert results == [1, None]
    row.refresh_from_db()
    mask.refresh_from_db()
    return row.status, mask.price


def test_a_price_that_changes_while_a_file_is_applied_stays() -> None:
    assert price_changes_meanwhile() == ("checked", 7_700)


def test_control_without_the_lock_the_price_is_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(imports._kinds, GOODS.name, replace(GOODS, lock=None))

    assert price_changes_meanwhile() == ("done", 5_000)
