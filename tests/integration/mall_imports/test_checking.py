"""A check says what is wrong and what would change, in both languages, and writes nothing."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import translation
from python_calamine import CalamineWorkbook

from catalog.models import Category, Product, Sku
from distribution.models import Distributor
from events.models import Event
from integration.mall_imports import claims, findings
from integration.mall_imports.preparing import ask_check
from integration.models import MallImport
from members.models import Member
from orders.models import Order, OrderConflict
from tests.cast import CLOCK
from tests.integration.files import FILES
from tests.integration.mall_imports.malls import changed, checked, prepared, started, work

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

TABLES = (Category, Product, Sku, Member, Distributor, Order, OrderConflict)


def stored() -> list[int]:
    return [table._default_manager.count() for table in TABLES]


def found(row: MallImport, language: str = "en") -> dict[str, Any]:
    with translation.override(language):
        return findings.read(row)


def test_a_check_of_good_files_is_ready_and_writes_nothing() -> None:
    before = stored()
    row = checked()

    assert (row.status, row.events_total, row.publishes_plan) == ("ready", 8, True)
    assert row.seal
    assert stored() == before
    assert row.differences["counts"] == {
        "categories": {"new": 2, "changed": 0, "same": 0},
        "products": {"new": 1, "changed": 0, "same": 0},
        "members": {"new": 3, "changed": 0, "same": 0},
        "distributors": {"new": 2, "changed": 0, "same": 0},
        "uplines": {"new": 2, "changed": 0, "same": 0},
        "orders": {"new": 1, "changed": 0, "same": 0},
        "refunds": {"new": 1, "changed": 0, "same": 0},
    }
    assert row.differences["sales"] == "¥109.90"
    assert Event.objects.get(name="integration.import_checked").data["errors"] == 0


def test_what_is_found_is_encrypted() -> None:
    row = checked(changed("orders.csv", "109.90", "much"))

    assert "much" not in row.findings_encrypted


def test_the_workbook_marks_the_cells() -> None:
    row = checked(changed("orders.csv", "109.90", "=1+1"))

    with default_storage.open(row.report_path) as file:
        book = CalamineWorkbook.from_filelike(file)
    assert book.sheet_names[1] == "orders"


def test_orders_with_errors_can_be_left_out() -> None:
    bad = FILES["orders.csv"].splitlines()[1].replace("O-1,", "O-2,").replace("109.90", "much")
    row = checked(FILES | {"orders.csv": f"{FILES['orders.csv']}{bad}\n"}, skip_bad=True)

    assert (row.status, found(row)["left_out"]) == ("ready", 1)
    assert row.differences["counts"]["orders"]["new"] == 1
    with default_storage.open(row.left_out_path) as file, zipfile.ZipFile(file) as archive:
        assert "orders.xlsx" in archive.namelist()


def test_a_check_says_what_changes_in_goods() -> None:
    while work(started()).status == "running":
        pass
    products = changed("products.csv", "109.90,42.00", "99.90,")["products.csv"]
    row = checked(FILES | {"products.csv": products})

    assert row.differences["changes"] == [
        {"what": "product", "key": "mask", "field": "price", "old": "¥109.90", "new": "¥99.90"}
    ]  # an empty cost says nothing
    counts = row.differences["counts"]
    assert counts["products"] == {"new": 0, "changed": 1, "same": 0}
    assert counts["orders"] == {"new": 0, "changed": 0, "same": 1}
    assert counts["members"] == {"new": 0, "changed": 0, "same": 3}
    assert (row.publishes_plan, Sku.objects.get().price) == (False, 10_990)


def test_contradicting_orders_are_counted_and_nothing_is_held() -> None:
    while work(started()).status == "running":
        pass
    row = checked(changed("orders.csv", "109.90,0.00", "119.90,0.00"), skip_bad=True)

    assert (row.status, found(row)["conflicts"], found(row)["left_out"]) == ("ready", 1, 1)
    assert OrderConflict.objects.count() == 0


@pytest.mark.parametrize(
    "content", ["", "\0\0\0", "订单号\n1\n", "=1+1\n", "order_no\n" * 3, "\udcff"], ids=repr
)
def test_nonsense_is_an_error_with_a_sentence(content: str) -> None:
    data = content.encode("utf-8", "surrogateescape") or b"\n"
    row = checked({**FILES, "orders.csv": data})

    assert row.status == "faulty"
    assert found(row, "zh-hans")["count"] > 0


def test_files_that_are_gone_are_an_error_with_a_sentence() -> None:
    row = prepared()
    default_storage.delete(row.files.get(kind="orders").path)
    ask_check(mall_import=row, by=row.by)
    work(row)

    with translation.override("en"):
        assert (row.status, row.failure_text[:29]) == ("faulty", "The files of this import are ")


def test_a_worker_that_has_lost_the_import_stores_nothing() -> None:
    row = prepared()
    ask_check(mall_import=row, by=row.by)
    first = claims.claim(at=CLOCK)
    assert first
    assert claims.claim(at=CLOCK) is None  # one has it
    second = claims.claim(at=CLOCK + 2 * claims.LEASE)
    assert second
    assert second.claims == first.claims + 1

    claims.fail(first, "late", at=CLOCK)

    row.refresh_from_db()
    assert (row.status, row.failure) == ("checking", {})


def test_a_shifted_time_zone_is_said_and_nothing_is_held() -> None:
    line = FILES["orders.csv"].splitlines()[1]
    future = "".join(
        line.replace("O-1,", f"O-{number},").replace("2025-11", "2029-11") + "\n"
        for number in range(2, 24)
    )
    row = checked(FILES | {"orders.csv": FILES["orders.csv"] + future}, skip_bad=True)

    assert (row.status, OrderConflict.objects.count()) == ("faulty", 0)
    assert row.failure["en"].startswith("22 of 23 orders contradict")
