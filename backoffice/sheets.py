"""The only writer of spreadsheets. Text stays text: a nickname is never read as a formula or link.

In a workbook each text is a text cell, whatever it begins with, and is read back unchanged. CSV has
no types: there a text that a spreadsheet would calculate gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from django.utils.functional import Promise

from common import clock

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
# Spreadsheets also calculate after full-width signs, and after white space that they remove.
FORMULA = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[\t\r\n]")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
MAX_ROWS = 1_048_576  # of a worksheet
MAX_SHEET_NAME = 31
MAX_TEXT = 32_767  # of a cell


@dataclass(frozen=True, slots=True)
class Yuan:
    """An amount in fen, shown in yuan."""

    fen: int


Cell = str | int | Yuan | date | datetime | Promise | None


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, column titles and rows.

    :param notes: of the titles, shown when somebody points at one
    """

    name: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[str] = ()


def open_workbook(
    target: io.BytesIO | Path, *, constant_memory: bool = False
) -> AbstractContextManager[Any]:
    """Open an XLSX file for writing; ``write_string`` is its only way to write text.

    :param constant_memory: write each row out once the next one begins
    """
    options = {**WORKBOOK_OPTIONS, "constant_memory": constant_memory}
    if constant_memory:
        options["in_memory"] = False
    book: AbstractContextManager[Any] = xlsxwriter.Workbook(target, options)
    return book


def workbook(*sheets: Sheet) -> bytes:
    """Return an XLSX file.

    :raises ValueError: a sheet has more rows than a worksheet can have
    """
    target = io.BytesIO()
    with open_workbook(target) as book:
        for sheet in sheets:
            _write_sheet(book, sheet)
    return target.getvalue()


def write_workbook(target: Path, sheet: Sheet) -> int:
    """Write an XLSX file row by row, in little memory, and return the number of its rows.

    Times are dates of the spreadsheet, in Shanghai's time, so that people can filter by them.

    :raises ValueError: there are more rows than a worksheet can have
    """
    with open_workbook(target, constant_memory=True) as book:
        return _write_sheet(book, sheet, real_dates=True)


def _write_sheet(book: Any, sheet: Sheet, *, real_dates: bool = False) -> int:
    page = book.add_worksheet(sheet.name[:MAX_SHEET_NAME])
    page.set_column(0, max(len(sheet.titles) - 1, 0), 20)
    page.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for column, title in enumerate(sheet.titles):
        page.write_string(0, column, title, bold)
    for column, note in enumerate(sheet.notes):
        page.write_comment(0, column, note, {"x_scale": 2})
    write = _cell_writer(book, page, real_dates=real_dates)
    row = 0
    for row, cells in enumerate(sheet.rows, start=1):
        if row >= MAX_ROWS:
            raise ValueError(f"a worksheet has at most {MAX_ROWS} rows")
        for column, cell in enumerate(cells):
            write(row, column, cell)
    return row


def _cell_writer(book: Any, page: Any, *, real_dates: bool) -> Callable[[int, int, Cell], None]:
    """Return the function that writes a cell as its type needs."""
    yuan = book.add_format({"num_format": "#,##0.00"})
    text = book.add_format({"num_format": "@"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write(row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, Yuan):
            page.write_number(row, column, cell.fen / 100, yuan)
        elif isinstance(cell, int):
            page.write_number(row, column, cell)
        elif real_dates and isinstance(cell, datetime):
            local = cell.astimezone(clock.SHANGHAI).replace(tzinfo=None)
            page.write_datetime(row, column, local, moment)
        elif real_dates and isinstance(cell, date):
            page.write_datetime(row, column, cell, day)
        else:
            page.write_string(row, column, _text(cell)[:MAX_TEXT], text)

    return write


def write_csv(target: Any, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table and return the number of its rows."""
    table = csv.writer(target, lineterminator="\n")
    table.writerow([defused(title) for title in titles])
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - counts
        table.writerow([defused(cell) for cell in row])
    return count


class _Echo:
    """A file that returns each line to the writer instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Yield the lines of a table one by one, so that a long one is never in memory as a whole.

    It begins with a byte order mark and ends its lines as Windows does: spreadsheet and accounting
    programs there read it without asking.
    """
    table = csv.writer(_Echo(), lineterminator="\r\n")
    yield "\ufeff"
    yield str(table.writerow([defused(title) for title in titles]))
    for row in rows:
        yield str(table.writerow([defused(cell) for cell in row]))


def defused(cell: Any) -> Any:
    """Return the cell for CSV: with an apostrophe in front of a text that would be calculated.

    Numbers, also those written as text, stay as they are.
    """
    if cell is None or isinstance(cell, int | float | Decimal | date):
        return cell
    # A lone carriage return would end the row: the writer does not quote it.
    text = str(cell).replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return "" if cell is None else str(cell)
