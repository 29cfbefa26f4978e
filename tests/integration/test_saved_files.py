"""Files are read as a shop owner saves them: their format never changes a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import translation

from catalog.models import Sku
from commissions.models import Rule
from members.models import Member
from orders.models import Order, OrderLine, Refund
from tests.integration.files import FILES, Write, import_mall
from tests.integration.spreadsheets import Formula, as_csv, rows_of, write_xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def stored() -> tuple[object, ...]:
    order, line, refund = Order.objects.get(), OrderLine.objects.get(), Refund.objects.get()
    rule = Rule.objects.get()
    return (
        sorted(Member.objects.values_list("nickname", flat=True)),
        Sku.objects.values_list("code", "price", "cost").get(),
        (rule.kind, rule.tier1, rule.tier2, rule.base),
        (order.number, order.placed_at, order.paid_at, order.received_at),
        (line.quantity, line.unit_price, line.shipping),
        (refund.number, refund.amount, refund.done_at),
    )


@pytest.fixture
def expected() -> tuple[object, ...]:
    return (
        ["兰", "梅", "波"],
        ("mask", 10_990, 4_200),
        ("percent", 1_000, 500, "paid"),
        (
            "O-1",
            datetime(2025, 11, 3, 4, 0, tzinfo=UTC),
            datetime(2025, 11, 3, 4, 1, tzinfo=UTC),
            datetime(2025, 11, 5, 7, 0, tzinfo=UTC),
        ),
        (1, 10_990, 800),
        ("R-1", 3_663, datetime(2025, 11, 6, 4, 0, tzinfo=UTC)),
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
def test_every_encoding_and_delimiter_gives_the_same(
    tmp_path: Path, expected: tuple[object, ...], encoding: str, delimiter: str
) -> None:
    for file, text in FILES.items():
        (tmp_path / file).write_bytes(as_csv(text, delimiter).encode(encoding))

    assert import_mall(tmp_path) == ""
    assert stored() == expected


def test_typed_cells_of_a_workbook_give_the_same(
    tmp_path: Path, expected: tuple[object, ...]
) -> None:
    tables = {file: rows_of(text) for file, text in FILES.items()}
    for table in tables.values():
        for cells in table[1:]:
            cells[:] = [typed(cell) for cell in cells]
    tables["rules.csv"][1][2:4] = [(0.1, "0%"), (0.05, "0.00%")]
    for file, table in tables.items():
        write_xlsx(tmp_path / file.replace(".csv", ".xlsx"), table)

    assert import_mall(tmp_path) == ""
    assert stored() == expected


def typed(cell: str) -> object:
    """Return a cell as a spreadsheet stores it: a time of the wall clock, a number or a text."""
    if "T" in cell and cell.endswith("+08:00"):
        return datetime.fromisoformat(cell).replace(tzinfo=None), "yyyy/m/d h:mm:ss"
    try:
        return float(cell)
    except ValueError:
        return cell


def test_chinese_columns_values_and_typing_give_the_same(
    mall: Write, expected: tuple[object, ...]
) -> None:
    folder = mall()
    (folder / "orders.csv").write_text(
        "订单号,行号,买家,商品编码,数量,单价,优惠金额,运费,订单状态,下单时间,付款时间,发货时间,"
        "确认收货时间,关闭时间,\n"
        "\n"
        " O-1\t,１,bo,mask,１,￥１０９．９０,0.00元,¥8.00,已收货,2025/11/3 12:00,"
        "2025年11月3日 12时01分,2025-11-3 15:00:00,2025/11/05　15:00,,\n"
        ",,,,,,,,,,,,,,\n",
        encoding="gb18030",
    )
    (folder / "members.csv").write_text(FILES["members.csv"].replace(",0,lan", ",否,lan"))

    assert import_mall(folder) == ""
    assert stored() == expected


def test_times_without_offset_are_in_the_given_zone(mall: Write) -> None:
    folder = mall("orders.csv", "2025-11-03T12:00:00+08:00", "2025/11/3 5:00")

    assert import_mall(folder, "--timezone", "Europe/London") == ""
    assert Order.objects.get().placed_at == datetime(2025, 11, 3, 5, 0, tzinfo=UTC)


def test_thousands_are_separated(mall: Write) -> None:
    assert import_mall(mall("products.csv", "109.90,42.00", '"￥1,109.90","1,042"')) == ""
    assert Sku.objects.values_list("price", "cost").get() == (110_990, 104_200)


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("orders.csv", "2025-11-03T12:01:00+08:00", "3/11/2025 12:01", "which is the day"),
        ("orders.csv", "2025-11-03T12:01:00+08:00", "46329.5", "format the cell as date and time"),
        ("orders.csv", "2025-11-03T12:01:00+08:00", "2025/11/3", "has no time of day"),
        ("orders.csv", "2025-11-03T12:01:00+08:00", "2025/2/30 9:03", "does not exist"),
        ("orders.csv", "109.90", '"109,90"', "is not an amount"),
        ("orders.csv", "109.90", "#N/A", "is not an amount"),
        ("members.csv", "梅", "#REF!", "has an error"),
        ("refunds.csv", "R-1,", '"R-1\nR-2",', "line break"),
        ("products.csv", "42.00", '"1,04.00"', "is not an amount"),
    ],
)
def test_a_cell_with_two_meanings_is_asked_about(
    mall: Write, file: str, old: str, new: str, message: str
) -> None:
    errors = import_mall(mall(file, old, new))

    assert message in errors
    assert "What to do" in errors
    assert not Member.objects.exists()


@pytest.mark.parametrize("label", ["合计", "总 计：", "Total", "合计：1 单"])
def test_a_sum_row_is_named_and_must_be_deleted(mall: Write, label: str) -> None:
    folder = mall()
    with (folder / "orders.csv").open("a") as file:
        file.write(f"{label},,,,1,109.90,,,,,,,,\n")

    errors = import_mall(folder).splitlines()

    assert errors[0] == "Sum rows: 1"
    assert "Delete this row." in errors[1]
    assert errors[2].startswith("  orders.csv:3 order_no")
    assert len(errors) == 4
    assert not Member.objects.exists()


def test_a_category_named_total_is_no_sum_row(mall: Write) -> None:
    assert (
        import_mall(mall("categories.csv", "beauty,美妆,\n", "beauty,美妆,\ntotal,合计,\n")) == ""
    )


def rewritten(folder: Path, name: str, change: Callable[[list[list[object]]], None]) -> Path:
    table: list[list[object]] = [list(row) for row in rows_of(FILES[f"{name}.csv"])]
    change(table)
    (folder / f"{name}.csv").unlink()
    write_xlsx(folder / f"{name}.xlsx", table)
    return folder


def test_a_number_is_a_date_only_in_a_cell_formatted_as_date(mall: Write) -> None:
    def change(table: list[list[object]]) -> None:
        table[1][10] = 46329.5

    errors = import_mall(rewritten(mall(), "orders", change))

    assert "orders.xlsx:2 paid_at" in errors
    assert "format the cell as date and time" in errors


def test_a_time_of_a_formula_is_rounded_to_the_second(mall: Write) -> None:
    def change(table: list[list[object]]) -> None:
        table[1][10] = 46329.500694440000, "yyyy/m/d h:mm"  # 12:01:00, less 0.4 ms

    assert import_mall(rewritten(mall(), "orders", change)) == ""
    assert Order.objects.get().paid_at == datetime(2026, 11, 3, 4, 1, tzinfo=UTC)


def test_a_formula_with_an_error_is_reported(mall: Write) -> None:
    def change(table: list[list[object]]) -> None:
        table[1][1] = Formula("=1/0", "#DIV/0!")

    errors = import_mall(rewritten(mall(), "members", change))

    assert "members.xlsx:2 nickname: the formula in this cell has an error" in errors


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda folder: (folder / "orders.xlsx").write_bytes(b"PK"), "delete one of them"),
        (lambda folder: (folder / "orders.csv").rename(folder / "orders.xls"), "save it as .xlsx"),
        (lambda folder: (folder / "orders.csv").rename(folder / "orders.xlsx"), "no .xlsx"),
        (lambda folder: (folder / "orders.csv").write_bytes(b"a,\xff\xff\n"), "nor GB18030"),
        (lambda folder: (folder / "orders.csv").write_bytes(b"\n"), "is empty"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    mall: Write, prepare: Callable[[Path], object], message: str
) -> None:
    folder = mall()
    prepare(folder)

    assert message in import_mall(folder)
    assert not Member.objects.exists()


def test_a_workbook_with_two_filled_sheets_is_asked_about(mall: Write) -> None:
    folder = mall()
    (folder / "refunds.csv").unlink()
    rows = rows_of(FILES["refunds.csv"])
    write_xlsx(folder / "refunds.xlsx", rows, more_sheets={"Old": rows})

    assert "has several sheets with content (Sheet1, Old)" in import_mall(folder)

    write_xlsx(folder / "refunds.xlsx", rows, more_sheets={"Sheet2": [], "Sheet3": []})
    assert import_mall(folder) == ""
