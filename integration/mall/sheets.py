"""Parse a table cell by cell, and report each invalid cell with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from common.keys import clean_key
from integration.mall.cells import InvalidCell, Parser, plain
from integration.mall.problems import HEADER, SUM_ROW, Kind, Problem
from integration.mall.tables import Table

SUM = re.compile(
    r"(?:合\s*计|总\s*计|小\s*计|共\s*计|(?:grand |sub)?total|sum)(?:\s*:.*)?", re.IGNORECASE
)

Columns = Mapping[str, Parser]


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    line: int
    cells: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]

    def pick(self, *columns: str) -> dict[str, Any]:
        return {column: self.cells[column] for column in columns}

    def problem(self, column: str, message: str, kind: Kind) -> Problem:
        return Problem(self.file, self.line, column, message, kind)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows that could be parsed, and those that could not: their cells by column, as text."""

    file: str
    rows: list[Row]
    unread: list[dict[str, str]] = field(default_factory=list)
    is_unreadable: bool = False
    """Whether no row could be parsed, because of the header or the file."""

    def values(self, column: str) -> set[Any] | None:
        """Return the values of a column, also of rows that could not be parsed.

        :returns: ``None`` if they are not known
        """
        if self.is_unreadable:
            return None
        texts = {clean_key(cells[column]) for cells in self.unread if column in cells}
        return {row[column] for row in self.rows} | texts


def parse_table(
    table: Table,
    header: list[str],
    columns: Columns,
    optional: frozenset[str],
    problems: list[Problem],
) -> Sheet:
    """Parse the rows of a table; add a problem for each cell that cannot be parsed.

    :param header: the column of each name in the header of the table
    :param optional: columns that may be missing: every cell of them is empty
    """
    if header_problems := list(_check_header(table, header, columns, optional)):
        problems += header_problems
        return Sheet(table.file, [], is_unreadable=True)
    missing = {name: columns[name]("") for name in columns if name not in header}
    sheet = Sheet(table.file, [])
    for line, cells in table.rows:
        parsed, row_problems = _parse_row(table.file, line, header, cells, columns)
        problems += row_problems
        if row_problems:
            sheet.unread.append(dict(zip(header, cells, strict=False)))
        else:
            sheet.rows.append(Row(table.file, line, parsed | missing))
    return sheet


def _check_header(
    table: Table, header: list[str], columns: Columns, optional: frozenset[str]
) -> Iterator[Problem]:
    def problem(name: str, message: str) -> Problem:
        return Problem(table.file, table.header_line, name, message, HEADER)

    for name in columns:
        if name not in header and name not in optional:
            yield problem(name, _("this column is missing"))
    for place, name in enumerate(header):
        if name not in columns:
            yield problem(name, _("this column is unknown"))
        elif name in header[:place]:
            yield problem(name, _("this column is a duplicate"))


def _parse_row(
    file: str, line: int, header: list[str], cells: list[str], columns: Columns
) -> tuple[dict[str, Any], list[Problem]]:
    parsed: dict[str, Any] = {}
    problems = []
    if len(cells) != len(header):
        message = _("has %(cells)s cells, but the header has %(header)s") % {
            "cells": len(cells), "header": len(header),
        }  # fmt: skip
        problems.append(Problem(file, line, "", message, HEADER))
    for name, cell in zip(header, cells, strict=False):
        try:
            parsed[name] = columns[name](cell)
        except InvalidCell as error:
            problems.append(Problem(file, line, name, str(error), error.kind))
    if problems and (label := _sum_label(cells)):
        message = _("“%(label)s” is a sum row") % {"label": label}
        problems = [Problem(file, line, header[0], message, SUM_ROW)]
    return parsed, problems


def _sum_label(cells: list[str]) -> str:
    first = next(filter(None, map(plain, cells)), "")
    return first[:40] if SUM.fullmatch(first) else ""
