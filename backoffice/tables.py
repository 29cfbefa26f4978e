"""Read a table that a person uploads: CSV or XLSX, as banks and spreadsheets save it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, load_workbook

from common.errors import TwotierError
from common.keys import clean_key

MAX_FILE_SIZE = 5 * 2**20
MAX_UNPACKED_SIZE = 50 * 2**20
MAX_ROWS = 10_000
MAX_CELL_LENGTH = 500
DELIMITERS = ",;\t"
ZIP = b"PK\x03\x04"
MAX_EXACT = 10**15
"""A spreadsheet stores 15 digits of a number; the others are lost."""

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
    if len(content) > MAX_FILE_SIZE:
        raise UnreadableTable(fault=_("it is larger than 5 MB"))
    lines = _workbook(content) if content.startswith(ZIP) else _csv(_decode(content))
    rows: list[Row] = []
    for line, cells in lines:
        cleaned = [clean_key(cell) for cell in cells]
        if not any(cleaned):
            continue
        if len(rows) == MAX_ROWS:
            raise UnreadableTable(fault=_("it has more than 10,000 rows"))
        _check(line, cleaned)
        rows.append((line, cleaned))
    return rows


def _check(line: int, cells: list[str]) -> None:
    for cell in cells:
        if len(cell) > MAX_CELL_LENGTH or not cell.isprintable():
            raise UnreadableTable(
                fault=_("row %(line)s holds a text that is too long or not printable")
                % {"line": line}
            )


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise UnreadableTable(fault=_("it is neither CSV nor XLSX"))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(fault=_("its text is neither UTF-8 nor GB18030"))


def _csv(text: str) -> Iterator[Row]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from enumerate(reader, start=1)
    except csv.Error:
        raise UnreadableTable(
            fault=_("row %(line)s is not valid CSV") % {"line": reader.line_num}
        ) from None


def _workbook(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_SIZE:
                raise UnreadableTable(fault=_("it is larger than 5 MB"))
        with load_workbook(io.BytesIO(content)) as book:
            sheets = [book.get_sheet_by_index(place) for place in range(len(book.sheet_names))]
            filled = [sheet for sheet in sheets if sheet.height]
            rows = filled[0].to_python(skip_empty_area=False) if len(filled) == 1 else []
    except (CalamineError, zipfile.BadZipFile, KeyError, ValueError):
        raise UnreadableTable(fault=_("it is no XLSX file, or has a password")) from None
    if len(filled) != 1:
        raise UnreadableTable(fault=_("it needs exactly one sheet with content"))
    for line, cells in enumerate(rows, start=1):
        yield line, [_shown(cell) for cell in cells]


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
