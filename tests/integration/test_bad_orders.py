"""Errors are grouped for people, marked in a workbook, and bad orders can be left out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from python_calamine import load_workbook

from backoffice.sheets import Sheet, workbook
from catalog.models import Sku
from members.models import Member
from orders.models import Order, Refund
from tests.integration.files import FILES, Write, import_mall, summary

pytestmark = pytest.mark.django_db

GOOD = FILES["orders.csv"].splitlines()[1]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def with_orders(folder: Path, *lines: str) -> Path:
    with (folder / "orders.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)
    return folder


def with_refunds(folder: Path, *lines: str) -> Path:
    with (folder / "refunds.csv").open("a") as file:
        file.writelines(f"{line},2025-11-06T12:00:00+08:00\n" for line in lines)
    return folder


def bad(number: str, line: int = 1) -> str:
    return GOOD.replace("O-1,1,", f"{number},{line},").replace("109.90", "much")


def good(number: str, line: int = 1) -> str:
    return GOOD.replace("O-1,1,", f"{number},{line},")


def left_out(folder: Path, name: str) -> list[list[str]]:
    with load_workbook(folder / f"{name}.xlsx") as book:
        return [list(map(str, row)) for row in book.get_sheet_by_index(0).to_python()]


def orders() -> list[str]:
    return list(Order.objects.order_by("number").values_list("number", flat=True))


def test_errors_are_grouped_by_kind_the_most_frequent_first(mall: Write) -> None:
    folder = with_orders(mall("rules.csv", "10%", "0.1"), *(bad(f"O-{n}") for n in range(2, 32)))

    lines = import_mall(folder).splitlines()

    assert lines[0] == "Amounts: 30"
    assert lines[1].strip().startswith("What to do: Write yuan")
    assert lines[2].strip() == "orders.csv:3 unit_price: “much” is not an amount in yuan"
    assert "and 10 more" in lines[22]
    assert lines[23] == "Commission rates: 1"
    assert lines[-1] == "31 errors; nothing was imported."


def test_stored_values_are_named_in_yuan_and_local_time(mall: Write) -> None:
    assert import_mall(mall()) == ""

    assert "109.90, not 99.90" in import_mall(mall("orders.csv", "109.90", "99.90"))
    errors = import_mall(mall("orders.csv", "2025-11-03T12:01:00", "2025-11-03T12:02:00"))
    assert "2025/11/03 12:01:00, not 2025/11/03 12:02:00" in errors


def test_a_report_marks_the_cells(mall: Write, tmp_path: Path) -> None:
    report = tmp_path / "report.xlsx"
    folder = with_orders(mall(), bad("O-2"))

    import_mall(folder, "--report", str(report))

    with load_workbook(report) as book:
        assert book.sheet_names == ["Errors", "orders"]
        errors = book.get_sheet_by_name("Errors").to_python()
        assert errors[1] == [
            "Amounts", "Write yuan with at most two decimals, such as 1234.50.", "orders.csv", "3",
            "unit_price", "“much” is not an amount in yuan",
        ]  # fmt: skip
        assert book.get_sheet_by_name("orders").to_python()[2][:6] == [
            "O-2", "1", "bo", "mask", "1", "much",
        ]  # fmt: skip


def test_files_without_errors_need_no_report(mall: Write, tmp_path: Path) -> None:
    assert import_mall(mall(), "--report", str(tmp_path / "report.xlsx")) == ""
    assert not (tmp_path / "report.xlsx").exists()


def test_bad_orders_are_left_out_whole_with_their_refunds(mall: Write, tmp_path: Path) -> None:
    rest = tmp_path / "rest"
    folder = with_orders(mall(), good("O-2", 1), bad("O-2", 2), good("O-3"))
    with_refunds(folder, "R-2,O-2,1,0,1.00", "R-3,O-3,1,0,1.00", "R-4,O-9,1,0,1.00")

    output = summary(folder, "--skip-bad", str(rest))

    assert "Left out 2 orders with errors" in output
    assert orders() == ["O-1", "O-3"]
    assert sorted(Refund.objects.values_list("number", flat=True)) == ["R-1", "R-3"]
    assert left_out(rest, "orders")[1:] == [
        good("O-2", 1).split(","), bad("O-2", 2).split(","),
    ]  # fmt: skip
    assert [row[:2] for row in left_out(rest, "refunds")[1:]] == [["R-2", "O-2"], ["R-4", "O-9"]]


def test_a_text_that_looks_like_a_formula_is_left_out_as_text(mall: Write, tmp_path: Path) -> None:
    rest, formula = tmp_path / "rest", '=HYPERLINK("http://x")'
    line = bad("O-2").replace("bo,", '"=HYPERLINK(""http://x"")",', 1)

    import_mall(with_orders(mall(), line), "--skip-bad", str(rest))

    assert left_out(rest, "orders")[1][2] == formula, "as it was written"
    with zipfile.ZipFile(rest / "orders.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_the_rest_can_be_corrected_and_imported(mall: Write, tmp_path: Path) -> None:
    rest = tmp_path / "rest"
    assert import_mall(with_orders(mall(), bad("O-2")), "--skip-bad", str(rest)) == ""
    corrected = [
        ["109.90" if cell == "much" else cell for cell in row] for row in left_out(rest, "orders")
    ]
    header, *rows = corrected
    (rest / "orders.xlsx").write_bytes(workbook(Sheet("orders", header, rows)))

    assert import_mall(rest) == ""
    assert orders() == ["O-1", "O-2"]


@pytest.mark.parametrize("line", ["2.50105E+17,1,", ",1,"])
def test_orders_without_a_certain_number_are_left_out(
    mall: Write, tmp_path: Path, line: str
) -> None:
    folder = with_orders(mall(), GOOD.replace("O-1,1,", line))

    assert import_mall(folder, "--skip-bad", str(tmp_path / "rest")) == ""
    assert orders() == ["O-1"]


def test_both_orders_of_a_doubtful_refund_number_are_left_out(mall: Write, tmp_path: Path) -> None:
    folder = with_refunds(with_orders(mall(), good("O-2"), good("O-3")), "R-1,O-2,1,0,1.00")

    assert import_mall(folder, "--skip-bad", str(tmp_path / "rest")) == ""
    assert orders() == ["O-3"]


def test_an_order_that_contradicts_what_is_stored_is_left_out(mall: Write, tmp_path: Path) -> None:
    assert import_mall(mall()) == ""
    folder = with_orders(mall("orders.csv", "109.90", "99.90"), good("O-2"))

    assert import_mall(folder, "--skip-bad", str(tmp_path / "rest")) == ""
    assert orders() == ["O-1", "O-2"]
    assert Order.objects.get(number="O-1").lines.get().unit_price == 10_990


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("members.csv", "2025-11-02T12:00:00+08:00,0", "soon,0"),
        ("products.csv", "109.90", "much"),
        ("rules.csv", "10%", "0.1"),
        ("categories.csv", "beauty,美妆,", "beauty,美妆,nowhere"),
        ("orders.csv", "unit_price", "price"),
    ],
)
def test_errors_in_anything_but_orders_stop_everything(
    mall: Write, tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = with_orders(mall(file, old, new), bad("O-2"))

    assert "nothing was imported" in import_mall(folder, "--skip-bad", str(tmp_path / "rest"))
    assert not Member.objects.exists()
    assert not (tmp_path / "rest").exists()


def test_a_sum_row_must_be_deleted_by_its_owner(mall: Write, tmp_path: Path) -> None:
    folder = with_orders(mall(), "合计,,,,1,109.90,,,,,,,,")

    assert "nothing was imported" in import_mall(folder, "--skip-bad", str(tmp_path / "rest"))
    assert not Sku.objects.exists()


def test_without_bad_orders_no_folder_is_written(mall: Write, tmp_path: Path) -> None:
    assert import_mall(mall(), "--skip-bad", str(tmp_path / "rest")) == ""
    assert not (tmp_path / "rest").exists()


def test_a_folder_with_files_is_not_overwritten(mall: Write) -> None:
    folder = mall()

    assert "is not empty" in import_mall(folder, "--skip-bad", str(folder))
    assert not Member.objects.exists()
