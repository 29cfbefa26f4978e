"""Write the errors into a workbook: a list, and the files with the cells marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from backoffice.sheets import open_workbook
from integration.mall.files import Files
from integration.mall.headers import column_of
from integration.mall.problems import Headers, Kind, Problem, by_kind, written_column
from integration.mall.tables import Table

Place = tuple[int, int]
"""Line of the file, and column from 0."""


def write_report(path: Path, problems: Iterable[Problem], files: Files) -> None:
    """Write a workbook with a sheet of all errors, and a sheet for each file that has some.

    The rows of a file stay in their lines. All cells are text, so that no id changes; a marked
    cell has the message as its comment.
    """
    groups = by_kind(problems)
    with open_workbook(path) as book:
        formats = {
            "text": book.add_format({"num_format": "@"}),
            "bold": book.add_format({"bold": True}),
            "wrong": book.add_format({"num_format": "@", "bg_color": "#FFC7CE"}),
        }
        _write_list(book.add_worksheet(_("Errors")[:31]), groups, files.headers, formats)
        for name, table in files.tables.items():
            marks = _marks(name, table, groups)
            if marks:
                _write_table(book.add_worksheet(name), table, marks, formats)


def _write_list(
    page: Any, groups: Mapping[Kind, list[Problem]], headers: Headers, formats: Any
) -> None:
    titles = [_("Kind"), _("What to do"), _("File"), _("Line"), _("Column"), _("Error")]
    for column, title in enumerate(titles):
        page.write_string(0, column, title, formats["bold"])
    line = 0
    for kind, problems in groups.items():
        for problem in problems:
            line += 1
            cells = (kind.title, kind.advice, problem.file, problem.line,
                     written_column(problem, headers), problem.message)  # fmt: skip
            for column, cell in enumerate(cells):
                page.write_string(line, column, str(cell), formats["text"])
    page.set_column(0, 5, 24)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, line, len(titles) - 1)


def _marks(name: str, table: Table, groups: Mapping[Kind, list[Problem]]) -> dict[Place, list[str]]:
    """Return the messages of each cell; those of a whole row belong to its first cell."""
    columns = [column_of(name, written) for written in table.header]
    marks: dict[Place, list[str]] = defaultdict(list)
    for kind, problems in groups.items():
        for problem in problems:
            if problem.file == table.file and table.header:
                column = columns.index(problem.column) if problem.column in columns else 0
                place = max(problem.line, table.header_line), column
                marks[place].append(f"{problem.message}\n{kind.advice}")
    return marks


def _write_table(page: Any, table: Table, marks: Mapping[Place, list[str]], formats: Any) -> None:
    for line, cells in [(table.header_line, table.header), *table.rows]:
        usual = formats["bold"] if line == table.header_line else formats["text"]
        for column, cell in enumerate(cells):
            wrong = (line, column) in marks
            page.write_string(line - 1, column, cell, formats["wrong"] if wrong else usual)
    for (line, column), messages in marks.items():
        page.write_comment(line - 1, column, "\n".join(messages), {"x_scale": 2})
    page.set_column(0, max(len(table.header) - 1, 0), 18)
    page.freeze_panes(table.header_line, 0)
