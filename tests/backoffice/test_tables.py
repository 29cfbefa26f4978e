"""Uploaded tables are read as a person saved them, or refused in words."""

from __future__ import annotations

import io
import zipfile

import pytest

from backoffice.sheets import Sheet, Yuan, workbook
from backoffice.tables import MAX_FILE_SIZE, MAX_ROWS, UnreadableTable, read_table


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
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
