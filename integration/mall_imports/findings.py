"""Turn the problems of files into what the page of an import shows: by kind, with their cells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.access import StrOrPromise
from backoffice.models.imports import in_language
from common import encryption
from integration.mall.files import Files
from integration.mall.headers import column_of
from integration.mall.problems import (
    HEADER,
    STATUS,
    STORED,
    Kind,
    Problem,
    by_kind,
    written_column,
)
from integration.mall.tables import Table
from integration.models import MallImport

MAX_PLACES = 100
"""Of each kind; the workbook marks all of them."""
MAX_TEXT = 300
Group = dict[str, Any]
OFFICE_ADVICE: Mapping[Kind, StrOrPromise] = {
    HEADER: _(
        "Give the columns in the first row the names of the mall's files, in English or Chinese,"
        " each once, and delete the other columns."
    ),
    STORED: _(
        "An import does not change what is stored: put the stored value into the file, or leave out"
        " orders with errors in the options."
    ),
    STATUS: _(
        "The times count, not the status. Check that the export has all columns with times, or set"
        " an end in the options if the file is older than the stored orders."
    ),
}
"""In place of advice that names options of the command."""
Cells = Mapping[tuple[str, int], list[str]]


def describe(
    problems: Iterable[Problem], files: Files, *, fatal: Iterable[Problem] = ()
) -> list[Group]:
    """Return problems by kind, the most frequent first.

    :param fatal: those for which nothing is imported
    """
    groups, stopping = by_kind(problems), set(fatal)
    cells = _cells(files, {problem.file for group in groups.values() for problem in group})
    return [_group(kind, group, stopping, files, cells) for kind, group in groups.items()]


def seal(findings: Mapping[str, Any]) -> str:
    """Encrypt what a check found: it quotes cells, which may hold names."""
    return encryption.encrypt(json.dumps(findings, ensure_ascii=False))


def read(mall_import: MallImport) -> dict[str, Any]:
    """Return what the check found, its texts in the present language; empty before a check."""
    if not mall_import.findings_encrypted:
        return {}
    found: dict[str, Any] = json.loads(encryption.decrypt(mall_import.findings_encrypted))
    return {**found, **(in_language(found.pop("texts")) or {})}


def _group(
    kind: Kind, problems: list[Problem], fatal: set[Problem], files: Files, cells: Cells
) -> Group:
    return {
        "title": str(kind.title),
        "advice": str(OFFICE_ADVICE.get(kind, kind.advice)),
        "count": len(problems),
        "is_fatal": any(problem in fatal for problem in problems),
        "places": [_place(problem, files, cells) for problem in problems[:MAX_PLACES]],
        "more": max(0, len(problems) - MAX_PLACES),
    }


def _place(problem: Problem, files: Files, cells: Cells) -> dict[str, Any]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": written_column(problem, files.headers),
        "cell": _cell(problem, files, cells)[:MAX_TEXT],
        "message": problem.message[:MAX_TEXT],
    }


def _cells(files: Files, names: set[str]) -> Cells:
    tables = [table for table in files.tables.values() if table.file in names]
    return {(table.file, line): row for table in tables for line, row in table.rows}


def _cell(problem: Problem, files: Files, cells: Cells) -> str:
    """Return what the file has at the place of a problem; empty if that is a row or a file."""
    row = cells.get((problem.file, problem.line), [])
    for name, table in files.tables.items():
        if table.file == problem.file:
            place = _column(name, table, problem.column)
            return row[place] if place is not None and place < len(row) else ""
    return ""


def _column(name: str, table: Table, column: str) -> int | None:
    columns = [column_of(name, written) for written in table.header]
    return columns.index(column) if column in columns else None
