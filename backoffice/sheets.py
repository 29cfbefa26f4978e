"""Spreadsheets. Text stays text: a member's nickname is never read as a formula, link or number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from django.utils.functional import Promise

from common import clock

XLSX_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORKBOOK_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Yuan:
    """An amount in fen, shown in yuan."""

    fen: int


Cell = str | int | Yuan | date | datetime | Promise | None


@dataclass(frozen=True)
class Sheet:
    """A worksheet: its name, column titles and rows."""

    name: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def workbook(*sheets: Sheet) -> bytes:
    """Return an XLSX file."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, WORKBOOK_OPTIONS) as book:
        yuan = book.add_format({"num_format": "#,##0.00"})
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True})
        for sheet in sheets:
            page = book.add_worksheet(sheet.name[:31])
            for column, title in enumerate(sheet.titles):
                page.write_string(0, column, title, bold)
            for row, cells in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(cells):
                    if isinstance(cell, Yuan):
                        page.write_number(row, column, cell.fen / 100, yuan)
                    elif isinstance(cell, int):
                        page.write_number(row, column, cell)
                    else:
                        page.write_string(row, column, _text(cell), text)
            page.set_column(0, max(len(sheet.titles) - 1, 0), 20)
            page.freeze_panes(1, 0)
    return target.getvalue()


def write_csv(target: Any, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table and return the number of its rows."""
    table = csv.writer(target, lineterminator="\n")
    table.writerow(titles)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - counts
        table.writerow([_escape(cell) for cell in row])
    return count


def _escape(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(FORMULA_STARTS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
    return "" if cell is None else str(cell)
