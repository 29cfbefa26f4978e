"""Turn the small mall into files as a spreadsheet program saves them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter  # type: ignore[import-untyped]

Cell = Any
"""A text, a number, a formula, or a pair of a value and its number format."""


class Formula(NamedTuple):
    text: str
    result: str


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def write_xlsx(
    path: Path, rows: list[list[Cell]], *, more_sheets: Mapping[str, list[list[Cell]]] = {}
) -> None:
    """Write cells in their types: texts, numbers, times, and pairs of value and format."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        for name, table in {"Sheet1": rows, **more_sheets}.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(table):
                for column, cell in enumerate(cells):
                    if isinstance(cell, Formula):
                        sheet.write_formula(line, column, cell.text, None, cell.result)
                        continue
                    value, code = cell if isinstance(cell, tuple) else (cell, None)
                    format_ = book.add_format({"num_format": code}) if code else None
                    if isinstance(value, datetime):
                        sheet.write_datetime(line, column, value, format_)
                    else:
                        sheet.write(line, column, value, format_)


def as_csv(text: str, delimiter: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows_of(text))
    return out.getvalue()
