"""Read a table that a person uploads: CSV or XLSX, as banks and spreadsheets save it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineSheet, load_workbook

from common.errors import TwotierError
from common.keys import clean_key
from common.text_files import UnknownEncoding, decode
from common.workbooks import ZIP, Place, UnsafeWorkbook, inspect

MAX_FILE_SIZE = 5 * 2**20
MAX_ROWS = 10_000
MAX_CELL_LENGTH = 500
NEVER_TYPED = re.compile("[\0\x80-\x9f]")
"""Characters that programs have, and texts do not."""
DELIMITERS = ",;\t"
MAX_EXACT = 10**15
"""A spreadsheet stores 15 digits of a number; the others are lost."""
FORMULA = "="

Row = tuple[int, list[str]]
"""The line in the file, counted from 1, and its cells without blanks at either end."""


class UnreadableTable(TwotierError):
    code = "unreadable_table"
    message = _("The file cannot be read: %(fault)s. Nothing was changed.")
    status = 400


def read_table(content: bytes) -> list[Row]:
    """Return the rows that are not blank.

    :raises UnreadableTable: it is too large, is neither CSV nor XLSX, or holds something unreadable
    """
    rows = list(_rows(content, shows_formulas=False))
    for line, cells in rows:
        _check(line, cells)
    return rows


def read_rows(content: bytes) -> list[Row]:
    """Return the rows that are not blank, whatever their cells hold.

    A cell with a formula begins with ``FORMULA``. A sheet with merged cells is refused: all but
    one of them would seem empty.

    :raises UnreadableTable: it is too large, or neither CSV nor XLSX
    """
    return list(_rows(content, shows_formulas=True))


def _rows(content: bytes, *, shows_formulas: bool) -> Iterator[Row]:
    if len(content) > MAX_FILE_SIZE:
        raise UnreadableTable(fault=_("it is larger than 5 MB"))
    is_workbook = content.startswith(ZIP)
    lines = _workbook(content, shows_formulas) if is_workbook else _csv(_decoded(content))
    count = 0
    for line, cells in lines:
        cleaned = [clean_key(cell) for cell in cells]
        if not any(cleaned):
            continue
        count += 1
        if count > MAX_ROWS:
            raise UnreadableTable(fault=_("it has more than 10,000 rows"))
        yield line, cleaned


def _check(line: int, cells: list[str]) -> None:
    for cell in cells:
        if len(cell) > MAX_CELL_LENGTH or not cell.isprintable():
            raise UnreadableTable(
                fault=_("row %(line)s holds a text that is too long or not printable")
                % {"line": line}
            )


def _decoded(content: bytes) -> str:
    try:
        text = decode(content)
    except UnknownEncoding:
        raise UnreadableTable(fault=_("its text is neither UTF-8 nor GB18030")) from None
    if NEVER_TYPED.search(text):
        raise UnreadableTable(fault=_("it is neither CSV nor XLSX"))
    return text


def _csv(text: str) -> Iterator[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        # Rows are counted as the spreadsheet does: a line break in a cell starts no row.
        yield from enumerate(reader, start=1)
    except csv.Error:
        raise UnreadableTable(
            fault=_("row %(line)s is not valid CSV") % {"line": reader.line_num}
        ) from None


def _workbook(content: bytes, shows_formulas: bool) -> Iterator[Row]:
    try:
        inspected = inspect(content)
        sheet = _only_sheet(inspected.content)
    except UnsafeWorkbook as error:
        raise UnreadableTable(fault=error.data["fault"]) from None
    formulas: frozenset[Place] = frozenset()
    if shows_formulas:
        _refuse_merged(sheet)
        formulas = inspected.formulas
    first = sheet.start[1] if sheet.start else 0  # empty columns before it are left out
    for row, cells in enumerate(sheet.iter_rows()):
        yield (
            row + 1,
            [
                FORMULA if (row, column) in formulas else _shown(cell)
                for column, cell in enumerate(cells, start=first)
            ],
        )


def _only_sheet(content: bytes) -> CalamineSheet:
    try:
        with load_workbook(io.BytesIO(content)) as book:
            sheets = [book.get_sheet_by_index(place) for place in range(len(book.sheet_names))]
    except (CalamineError, KeyError, ValueError):
        raise UnreadableTable(fault=_("it is no XLSX file, or has a password")) from None
    filled = [sheet for sheet in sheets if sheet.height]
    if len(filled) != 1:
        raise UnreadableTable(fault=_("it needs exactly one sheet with content"))
    return filled[0]


def _refuse_merged(sheet: CalamineSheet) -> None:
    merged = sheet.merged_cell_ranges or []
    if merged:
        (row, column), _end = merged[0]
        raise UnreadableTable(
            fault=_("the cells from %(place)s on are merged: split them, and fill in each one")
            % {"place": f"{_letters(column)}{row + 1}"}
        )


def _letters(column: int) -> str:
    """Return the letters of a column that is counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _shown(value: Any) -> str:
    """Return a cell as text. An id that was stored as a long number has lost digits: it shows an
    exponent, as in the spreadsheet, and so equals no id."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        number = Decimal(f"{value:.15g}")
        if abs(number) >= MAX_EXACT:
            return f"{number:.5E}"
        return f"{number.normalize():f}"
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
