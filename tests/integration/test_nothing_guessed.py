"""What a cell may mean in two ways is asked about, and damaged ids are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from commissions.models import Plan, Rule
from members.models import Member
from orders.models import Order
from tests.integration.files import FILES, Write, import_mall, summary
from tests.integration.spreadsheets import rows_of, write_xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def rules(folder: Path, *cells: object) -> Path:
    (folder / "rules.csv").unlink()
    header = rows_of(FILES["rules.csv"])[0]
    write_xlsx(folder / "rules.xlsx", [[*header], ["store", "", *cells, "cash"]])
    return folder


@pytest.mark.parametrize("base", ["paid", ""])
@pytest.mark.parametrize(
    ("cell", "question"),
    [
        ("0.1", "is it 10 % or 0.10 yuan a unit?"),
        ("０．１", "is it 10 % or 0.10 yuan a unit?"),
        ("10", "is it 10 % or 10.00 yuan a unit?"),
        ("1.5", "is it 1.5 % or 1.50 yuan a unit?"),
    ],
)
def test_a_rate_without_percent_sign_or_two_decimals_is_asked_about(
    mall: Write, cell: str, question: str, base: str
) -> None:
    errors = import_mall(mall("rules.csv", "10%,5%,paid", f"{cell},,{base}"))

    assert f"rules.csv:2 tier1: “{cell}”: {question}" in errors
    assert not Plan.objects.exists()


def test_a_rate_in_a_cell_without_format_is_asked_about(mall: Write) -> None:
    assert "is it 10 % or 0.10 yuan a unit?" in import_mall(rules(mall(), 0.1, "", ""))


@pytest.mark.parametrize(
    ("cell", "base", "kind", "value"),
    [
        ((0.085, "0.0%"), "paid", "percent", 850),
        ((0.3, "0%"), "profit", "percent", 3_000),
        ((3, "0.00"), "", "per_unit", 300),
        ((3.5, '"¥"#,##0.00'), "", "per_unit", 350),
    ],
)
def test_a_rate_is_read_by_its_number_format(
    mall: Write, cell: object, base: str, kind: str, value: int
) -> None:
    assert import_mall(rules(mall(), cell, "", base)) == ""
    assert Rule.objects.values_list("kind", "tier1").get() == (kind, value)


def test_a_small_amount_a_unit_is_imported_with_a_warning(mall: Write) -> None:
    output = summary(mall("rules.csv", "10%,5%,paid", "0.10,,"))

    assert "rules.csv:2 tier1: 0.10 yuan a unit; if 10 % is meant, write 10%" in output
    assert Rule.objects.values_list("kind", "tier1").get() == ("per_unit", 10)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ("2.50105E+17", "has dropped its last digits"),
        ("'250105000000000001", "starts with an apostrophe"),
        ('"=""O-1"""', "is a formula"),
    ],
)
@pytest.mark.parametrize("file", ["orders.csv", "refunds.csv"])
def test_a_damaged_number_is_refused_with_its_cause(
    mall: Write, file: str, given: str, cause: str
) -> None:
    errors = import_mall(mall(file, "O-1", given))

    assert f"{file}:2 order_no" in errors
    assert cause in errors
    assert "Format the column as text" in errors
    assert not Order.objects.exists()


def test_a_long_number_in_a_numeric_cell_is_refused(mall: Write) -> None:
    folder = mall()
    (folder / "orders.csv").unlink()
    table: list[list[object]] = [list(row) for row in rows_of(FILES["orders.csv"])]
    table[1][0] = 250105000000000001
    write_xlsx(folder / "orders.xlsx", table)

    errors = import_mall(folder)

    assert "orders.xlsx:2 order_no: “2.50105E+17” was a longer number" in errors
    assert not Order.objects.exists()


def test_a_short_number_in_a_numeric_cell_is_an_id(mall: Write) -> None:
    folder = mall("orders.csv", "O-1", "123456789012345")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("O-1", "123456789012345"))
    table: list[list[object]] = [list(row) for row in rows_of((folder / "orders.csv").read_text())]
    (folder / "orders.csv").unlink()
    table[1][0] = 123456789012345
    write_xlsx(folder / "orders.xlsx", table)

    assert import_mall(folder) == ""
    assert Order.objects.get().number == "123456789012345"


def test_an_id_that_resembles_a_damaged_one_is_imported(mall: Write) -> None:
    folder = mall("orders.csv", "O-1", "34e921803662")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("O-1", "34e921803662"))

    assert import_mall(folder) == ""


def test_a_number_that_may_be_rounded_is_imported_with_a_warning(mall: Write) -> None:
    folder = mall("orders.csv", "O-1", "250105000000000000")
    (folder / "refunds.csv").write_text(FILES["refunds.csv"].replace("O-1", "250105000000000000"))

    output = summary(folder)

    assert "Ids that a spreadsheet may have rounded" in output
    assert "orders.csv:2 order_no: “250105000000000000” ends in 000" in output
    assert Order.objects.exists()


def test_blanks_around_an_id_are_no_part_of_it(mall: Write) -> None:
    assert import_mall(mall()) == ""
    folder = mall("orders.csv", "O-1,1,bo,", '" O-1\t",1,"bo\u3000",')

    assert import_mall(folder) == ""
    assert Order.objects.count() == 1
    assert Member.objects.count() == 3
