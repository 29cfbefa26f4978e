"""CSV files, cell by cell: what a cell may hold, and where one does not."""

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
    """What is wrong, and where: line 1 is the header."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.column}: {self.message}"


class InvalidCell(Exception):
    """The cell's words cannot be read; the text says why."""


Parser = Callable[[str], Any]


def text(most: int, *, blank: bool = False) -> Parser:
    def parse(cell: str) -> str:
        if not cell and not blank:
            raise InvalidCell(_("is empty"))
        if len(cell) > most:
            raise InvalidCell(_("has more than %(most)s characters") % {"most": most})
        if "\0" in cell:
            raise InvalidCell(_("holds a character that cannot be stored"))
        return cell

    return parse


def integer(least: int, most: int) -> Parser:
    def parse(cell: str) -> int:
        if not re.fullmatch(r"\d{1,12}", cell, re.ASCII) or not least <= int(cell) <= most:
            raise InvalidCell(
                _("“%(cell)s” is no whole number from %(least)s to %(most)s")
                % {"cell": cell[:40], "least": least, "most": most}
            )
        return int(cell)

    return parse


def yuan(*, blank: bool = False) -> Parser:
    def parse(cell: str) -> int | None:
        if not cell and blank:
            return None
        try:
            fen = money.parse_yuan(cell)
        except money.InvalidAmount as refusal:
            raise InvalidCell(str(refusal)) from None
        if fen < 0:
            raise InvalidCell(_("is below 0"))
        if fen > MAX_LINE_AMOUNT:
            raise InvalidCell(_("is more than anything costs"))
        return fen

    return parse


def moment(*, blank: bool = False) -> Parser:
    def parse(cell: str) -> datetime | None:
        if not cell and blank:
            return None
        found = clock.parse(cell)
        if found is None or not EARLIEST_TIME <= found < LATEST_TIME:
            raise InvalidCell(
                _("“%(cell)s” is no time with an offset, such as 2026-11-01T12:00:00+08:00")
                % {"cell": cell[:40]}
            )
        return found

    return parse


def one_of(*allowed: str) -> Parser:
    def parse(cell: str) -> str:
        if cell not in allowed:
            raise InvalidCell(
                _("“%(cell)s” is none of %(allowed)s")
                % {"cell": cell[:40], "allowed": ", ".join(allowed)}
            )
        return cell

    return parse


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


@dataclass(frozen=True, slots=True)
class Sheet:
    file: str
    rows: list[Row]


def read(folder: Path, file: str, columns: dict[str, Parser], problems: list[Problem]) -> Sheet:
    """The rows that can be read; what cannot is added to ``problems``."""
    path = folder / file
    try:
        content = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.append(Problem(file, 0, "", _("the file is missing")))
        return Sheet(file, [])
    except OSError as error:
        message = _("the file cannot be read: %(error)s") % {"error": error.strerror}
        problems.append(Problem(file, 0, "", message))
        return Sheet(file, [])
    except UnicodeDecodeError:
        problems.append(Problem(file, 0, "", _("the file is not UTF-8")))
        return Sheet(file, [])
    lines = csv.reader(io.StringIO(content, newline=""), strict=True)
    try:
        header = next(lines, [])
        wrong = _header(file, header, columns)
        problems += wrong
        return Sheet(file, [] if wrong else list(_rows(file, header, lines, columns, problems)))
    except csv.Error as error:
        message = _("is no CSV: %(error)s") % {"error": error}
        problems.append(Problem(file, lines.line_num, "", message))
        return Sheet(file, [])


def _header(file: str, header: list[str], columns: dict[str, Parser]) -> list[Problem]:
    missing = [name for name in columns if name not in header]
    strange = [name for name in header if name not in columns]
    twice = sorted({name for name in header if header.count(name) > 1})
    return [
        *(Problem(file, 1, name, _("this column is missing")) for name in missing),
        *(Problem(file, 1, name, _("this column is unknown")) for name in strange),
        *(Problem(file, 1, name, _("this column comes twice")) for name in twice),
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
            message = _("has %(has)s cells, the header has %(header)s")
            problems.append(
                Problem(file, number, "", message % {"has": len(cells), "header": len(header)})
            )
            continue
        parsed: dict[str, Any] = {}
        for name, cell in zip(header, cells, strict=True):
            try:
                parsed[name] = columns[name](cell)
            except InvalidCell as bad:
                problems.append(Problem(file, number, name, str(bad)))
        if len(parsed) == len(header):
            yield Row(number, parsed)
