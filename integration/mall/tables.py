"""Read a file of the mall, as a spreadsheet program saves it, into a table of texts."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from common import text_files
from common.keys import clean_key
from integration.mall.problems import UNREADABLE, Problem
from integration.mall.workbooks import UnreadableWorkbook, read_workbook

DELIMITERS = (",", ";", "\t")
SUFFIXES = (".csv", ".xlsx")
OTHER_SUFFIXES = (".xls", ".ods", ".txt", ".tsv")

Lines = Iterator[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Table:
    """A file as it was written: the header and the rows that are not blank, with their lines."""

    file: str
    header: list[str] = field(default_factory=list)
    header_line: int = 1
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


class UnreadableFile(Exception):
    """A file that cannot be read; the text is the reason."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def read_table(
    folder: Path,
    name: str,
    *,
    optional: bool,
    count_known: Callable[[list[str]], int],
    problems: list[Problem],
) -> Table | None:
    """Read ``name``.csv or ``name``.xlsx; add a problem if it cannot be read.

    :param count_known: counts the known column names of a header, which finds the delimiter
    :returns: ``None`` if the file is optional and missing
    """
    files = [f"{name}{suffix}" for suffix in SUFFIXES if (folder / f"{name}{suffix}").exists()]
    if optional and not files and not _others(folder, name):
        return None
    file = files[0] if files else f"{name}.csv"
    try:
        if len(files) != 1:
            raise UnreadableFile(_missing_or_double(folder, name, files))
        return _split(file, _lines(folder / file, count_known))
    except UnreadableWorkbook as error:
        problems.append(Problem(file, 0, "", str(error), UNREADABLE))
    except UnreadableFile as error:
        problems.append(Problem(file, error.line, "", str(error), UNREADABLE))
    except OSError as error:
        message = _("the file cannot be read: %(error)s") % {"error": error.strerror}
        problems.append(Problem(file, 0, "", message, UNREADABLE))
    return Table(file)


def _others(folder: Path, name: str) -> list[str]:
    return [f"{name}{suffix}" for suffix in OTHER_SUFFIXES if (folder / f"{name}{suffix}").exists()]


def _missing_or_double(folder: Path, name: str, files: list[str]) -> str:
    if files:
        return _("both %(first)s and %(second)s exist: delete one of them") % {
            "first": files[0], "second": files[1],
        }  # fmt: skip
    if others := _others(folder, name):
        return _("%(file)s cannot be read: save it as .xlsx or as CSV") % {"file": others[0]}
    return _("the file is missing; %(name)s.xlsx would do as well") % {"name": name}


def _lines(path: Path, count_known: Callable[[list[str]], int]) -> Lines:
    if path.suffix == ".xlsx":
        return read_workbook(path)
    return _read_csv(decode(path.read_bytes()), count_known)


def _split(file: str, lines: Lines) -> Table:
    """Separate header and rows; leave out blank rows, and blank columns without a name."""
    filled = [(line, cells) for line, cells in lines if any(clean_key(cell) for cell in cells)]
    if not filled:
        raise UnreadableFile(_("is empty"))
    (header_line, header), rows = filled[0], filled[1:]
    header = [clean_key(name) for name in header]
    width = max(len(cells) for _line, cells in filled)
    unused = {
        column
        for column in range(width)
        if not (column < len(header) and header[column])
        and not any(clean_key(cells[column]) for _line, cells in rows if column < len(cells))
    }
    header = _without(header, unused)
    return Table(
        file,
        header,
        header_line,
        [(line, _trim(_without(cells, unused), len(header))) for line, cells in rows],
    )


def _trim(cells: list[str], width: int) -> list[str]:
    while len(cells) > width and not clean_key(cells[-1]):
        cells.pop()
    return cells


def _without(cells: list[str], columns: set[int]) -> list[str]:
    return [cell for column, cell in enumerate(cells) if column not in columns]


def decode(content: bytes) -> str:
    """Decode the text of a CSV file.

    :raises UnreadableFile: its encoding is unknown
    """
    try:
        return text_files.decode(content)
    except text_files.UnknownEncoding as error:
        raise UnreadableFile(_("is neither UTF-8, UTF-16 nor GB18030"), error.line) from None


def _read_csv(text: str, count_known: Callable[[list[str]], int]) -> Lines:
    start = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=lambda delimiter: count_known(start.split(delimiter)))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        # Rows are counted as the spreadsheet does: a line break in a cell starts no row.
        yield from enumerate(lines, start=1)
    except csv.Error as error:
        raise UnreadableFile(
            _("is not valid CSV: %(error)s") % {"error": error}, lines.line_num
        ) from None
