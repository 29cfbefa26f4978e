"""Read CSV files cell by cell, and report each invalid cell with its place."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from common import clock, money
from orders.intake.validate import EARLIEST_TIME, LATEST_TIME, MAX_LINE_AMOUNT


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """An error and its place; line 1 is the header."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.column}: {self.message}"


class InvalidCell(Exception):
    """A cell that cannot be parsed; the text is the reason."""


Parser = Callable[[str], Any]


def text(max_length: int, *, blank: bool = False) -> Parser:
    def parse(cell: str) -> str:
        if not cell and not blank:
            raise InvalidCell(_("is empty"))
        if len(cell) > max_length:
            raise InvalidCell(_("has more than %(max)s characters") % {"max": max_length})
        if "\0" in cell:
            raise InvalidCell(_("contains a character that cannot be stored"))
        return cell

    return parse


def integer(low: int, high: int) -> Parser:
    def parse(cell: str) -> int:
        if not re.fullmatch(r"\d{1,12}", cell, re.ASCII) or not low <= int(cell) <= high:
            raise InvalidCell(
                _("“%(cell)s” is not a whole number from %(min)s to %(max)s")
                % {"cell": cell[:40], "min": low, "max": high}
            )
        return int(cell)

    return parse


def yuan(cell: str) -> int:
    try:
        fen = money.parse_yuan(cell)
    except money.InvalidAmount as refusal:
        raise InvalidCell(str(refusal)) from None
    if fen < 0:
        raise InvalidCell(_("is below 0"))
    if fen > MAX_LINE_AMOUNT:
        raise InvalidCell(_("is too large"))
    return fen


def moment(cell: str) -> datetime:
    at = clock.parse(cell)
    if at is None or not EARLIEST_TIME <= at < LATEST_TIME:
        raise InvalidCell(
            _("“%(cell)s” is no time with an offset, such as 2026-11-01T12:00:00+08:00")
            % {"cell": cell[:40]}
        )
    return at


def optional(parse: Parser) -> Parser:
    """Parse an empty cell as ``None``."""
    return lambda cell: parse(cell) if cell else None


def one_of(*allowed: str) -> Parser:
    def parse(cell: str) -> str:
        if cell not in allowed:
            raise InvalidCell(
                _("“%(cell)s” is not one of %(allowed)s")
                % {"cell": cell[:40], "allowed": ", ".join(allowed)}
            )
        return cell

    return parse


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    line: int
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]

    def pick(self, *columns: str) -> dict[str, Any]:
        return {column: self.cells[column] for column in columns}

    def problem(self, column: str, message: str) -> Problem:
        return Problem(self.file, self.line, column, message)


@dataclass(frozen=True, slots=True)
class Sheet:
    file: str
    rows: list[Row]


def read(folder: Path, file: str, columns: dict[str, Parser], problems: list[Problem]) -> Sheet:
    """Read the rows of a file; add a problem for each row that cannot be read."""
    rows: list[Row] = []
    try:
        content = (folder / file).read_text(encoding="utf-8-sig")
        lines = csv.reader(io.StringIO(content, newline=""), strict=True)
        header = next(lines, [])
        if header_problems := _header(file, header, columns):
            problems += header_problems
        else:
            rows = list(_rows(file, header, lines, columns, problems))
    except FileNotFoundError:
        problems.append(Problem(file, 0, "", _("the file is missing")))
    except OSError as error:
        message = _("the file cannot be read: %(error)s") % {"error": error.strerror}
        problems.append(Problem(file, 0, "", message))
    except UnicodeDecodeError:
        problems.append(Problem(file, 0, "", _("the file is not UTF-8")))
    except csv.Error as error:
        message = _("is not valid CSV: %(error)s") % {"error": error}
        problems.append(Problem(file, lines.line_num, "", message))
    return Sheet(file, rows)


def _header(file: str, header: list[str], columns: dict[str, Parser]) -> list[Problem]:
    missing = [name for name in columns if name not in header]
    unknown = [name for name in header if name not in columns]
    duplicates = sorted({name for name in header if header.count(name) > 1})
    return [
        *(Problem(file, 1, name, _("this column is missing")) for name in missing),
        *(Problem(file, 1, name, _("this column is unknown")) for name in unknown),
        *(Problem(file, 1, name, _("this column is a duplicate")) for name in duplicates),
    ]


def _rows(
    file: str,
    header: list[str],
    lines: Any,
    columns: dict[str, Parser],
    problems: list[Problem],
) -> Iterator[Row]:
    for cells in lines:
        number = lines.line_num
        if not cells:
            continue
        if len(cells) != len(header):
            message = _("has %(cells)s cells, but the header has %(header)s")
            problems.append(
                Problem(file, number, "", message % {"cells": len(cells), "header": len(header)})
            )
            continue
        parsed: dict[str, Any] = {}
        for name, cell in zip(header, cells, strict=True):
            try:
                parsed[name] = columns[name](cell)
            except InvalidCell as error:
                problems.append(Problem(file, number, name, str(error)))
        if len(parsed) == len(header):
            yield Row(file, number, parsed)
