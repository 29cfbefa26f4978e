"""Uploaded tables are read as a person saved them, or refused in words."""

from __future__ import annotations

import io
import zipfile

import pytest

from backoffice.sheets import Sheet, Yuan, workbook
from backoffice.tables import (
    FORMULA,
    MAX_FILE_SIZE,
    MAX_ROWS,
    UnreadableTable,
    read_rows,
    read_table,
)
from tests.backoffice.files import workbook_with, xlsx_file

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_any_spreadsheet_is_read(encoding: str, delimiter: str) -> None:
    text = f"付款编号{delimiter}金额\n\n x1 {delimiter}300.00\n"

    assert read_table(text.encode(encoding)) == [(1, ["付款编号", "金额"]), (3, ["x1", "300.00"])]


def test_a_workbook_is_read_with_its_amounts() -> None:
    file = workbook(Sheet("P1", ["number", "amount"], [["0123", Yuan(30_050)], ["x", 7]]))

    assert read_table(file) == [(1, ["number", "amount"]), (2, ["0123", "300.5"]), (3, ["x", "7"])]


def test_an_id_that_lost_digits_equals_no_id() -> None:
    file = workbook(Sheet("P1", ["account"], [[6_222_021_234_567_890]]))

    assert read_table(file)[1] == (2, ["6.22202E+15"])


def _archive(size: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * size)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"x" * (MAX_FILE_SIZE + 1), b"MZ\x90\x00", b"\x81\xff\xff", b"PK\x03\x04broken",
        _archive(10), b"a,b\n\"open", "a\u202eb,c".encode(), b"a\n" + b"x" * 501,
        b"a\n" * (MAX_ROWS + 1),
    ],
    ids=["large", "binary", "encoding", "zip", "no-book", "quote", "bidi", "long", "rows"],
)  # fmt: skip
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableTable):
        read_table(content)


@pytest.mark.slow
def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(UnreadableTable):
        read_table(_archive(60 * 2**20))


FAR = (
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
)
WITHOUT_PLACES = (
    b"<row><c><v>1</v></c></row>" * 2_000 + b"<row>" + b"<c><v>1</v></c>" * 2_000 + b"</row>"
)
HIDDEN_PLACE = b'<row r="1"><c x=">" r="XFD1048576"><v>1</v></c></row>'
OUTSIDE = b'<row r="99999999999"><c><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("sheet", "parts", "words"),
    [
        (FAR, (), "row 1048576 and column 16384"), (WITHOUT_PLACES, (), "far below or beside"),
        (HIDDEN_PLACE, (), "far below or beside"), (OUTSIDE, (), "outside of the sheet"),
        (b"", ("xl/vbaProject.bin",), "macros"), ("<row/>".encode("utf-16"), (), "no XLSX file"),
    ],
    ids=["corners", "without-places", "hidden-place", "outside", "macros", "utf-16"],
)  # fmt: skip
def test_a_workbook_that_would_need_much_memory_is_refused(
    sheet: bytes, parts: tuple[str, ...], words: str
) -> None:
    for read in (read_table, read_rows):
        with pytest.raises(UnreadableTable, match=words):
            read(workbook_with(sheet, *parts))


def test_merged_cells_are_refused_where_rows_count() -> None:
    file = xlsx_file(["a", "b"], ["1", "2"], merged="B3:B5")

    with pytest.raises(UnreadableTable, match="B3"):
        read_rows(file)


def test_formulas_are_marked_where_rows_count() -> None:
    file = xlsx_file(["", "", "price"], ["", "", "=1+1"], ["", "", 7])

    assert read_rows(file) == [(1, ["price"]), (2, [FORMULA]), (3, ["7"])]
    assert read_table(file) == [(1, ["price"]), (2, ["0"]), (3, ["7"])]


def test_rows_are_read_whatever_they_hold() -> None:
    content = f"a,b\n\u202eabc,{'x' * 600}\n\x07,1".encode()

    assert read_rows(content)[1:] == [(2, ["abc", "x" * 600]), (3, ["", "1"])]


def test_an_archive_that_unpacks_to_more_than_it_says_is_read_as_it_says() -> None:
    """Other programs would read on: they get what was checked, packed again."""
    content = bytearray(workbook_with(b'<row r="1"><c r="A1"><v>1</v></c></row>'))
    start = content.rindex(b"PK\x01\x02")
    size = int.from_bytes(content[start + 24 : start + 28], "little")
    content[start + 24 : start + 28] = (size // 2).to_bytes(4, "little")

    with pytest.raises(UnreadableTable):
        read_rows(bytes(content))
