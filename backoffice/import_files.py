"""Read the file of an import by its titles, and write the template of a kind."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from backoffice.import_rows import StoredRow
from backoffice.imports import ROW, Column, ImportKind, Row, Sentence, StrOrPromise, Text
from backoffice.sheets import MAX_SHEET_NAME, Sheet, workbook
from backoffice.tables import FORMULA, read_rows
from common.errors import TwotierError

MAX_TITLES_ABOVE = 10
"""Lines above the titles in which a file may say what it is."""
UNWRITABLE = {"Cc", "Cs", "Co", "Zl", "Zp"}
INVISIBLE = frozenset("\u200b\u200e\u200f\u061c\u2060\ufeff") | frozenset(
    map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
)
"""Invisible characters, and those that change the direction of a text; not joiners of emoji."""
FORMULAS = ("=", "＝")
ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"}
)
FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")


class MissingColumns(TwotierError):
    code = "import_columns_missing"
    message = _(
        "The file has no column %(columns)s. Its titles must be those of the template. Nothing was"
        " changed."
    )
    status = 400


class RepeatedColumn(TwotierError):
    code = "import_column_repeated"
    message = _("Two columns of the file are “%(column)s”. Keep one of them. Nothing was changed.")
    status = 400


class EmptyFile(TwotierError):
    code = "import_file_empty"
    message = _("The file has no rows below its titles. Nothing was changed.")
    status = 400


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The rows of a file, the columns that it has, and the titles that nothing is read from."""

    columns: list[str]
    ignored: list[str]
    rows: list[Row]


def read_file(kind: ImportKind, content: bytes) -> ReadFile:
    """Read a CSV or XLSX file by the titles of its columns.

    :raises UnreadableTable: it is too large, or neither CSV nor XLSX
    :raises MissingColumns: a required column is missing
    :raises RepeatedColumn: two columns have one title
    :raises EmptyFile: there are no rows
    """
    lines = read_rows(content)
    known = _known_titles(kind)
    place = _find_titles([cells for _line, cells in lines[:MAX_TITLES_ABOVE]], known)
    titles = lines[place][1] if lines else []
    names = [known.get(_plain(title), "") for title in titles]
    _check_titles(kind, names)
    rows = [Row(line, _cells(names, cells)) for line, cells in lines[place + 1 :]]
    if not rows:
        raise EmptyFile
    ignored = [title for title, name in zip(titles, names, strict=True) if title and not name]
    return ReadFile([name for name in names if name], ignored, rows)


def find_faults(kind: ImportKind, row: Row) -> dict[str, Text]:
    """Return a sentence for each cell that no kind can read, by column."""
    faults = {
        column.name: fault
        for column in kind.columns
        if column.name in row.cells and (fault := _fault(column, row.cells[column.name]))
    }
    if not any(row.cells.values()):  # only columns that are not read have something
        faults[ROW] = _("This row has nothing in the columns that are read.")
    return faults


def template(kind: ImportKind) -> bytes:
    """Return a workbook with the titles; each title has a note that says what to write below."""
    titles = [str(column.title) for column in kind.columns]
    notes = [str(_note(column)) for column in kind.columns]
    name = str(kind.title).translate(FORBIDDEN_IN_NAMES)[:MAX_SHEET_NAME]
    return workbook(Sheet(name, titles, [], notes))


def wrong_rows(kind: ImportKind, columns: Sequence[str], rows: Iterable[StoredRow]) -> bytes:
    """Return a workbook with rows that are wrong, and what is wrong in a column of its own.

    The import ignores that column, so a corrected file can be uploaded as it is.
    """
    known = kind.columns_of(columns)
    titles = [*(str(column.title) for column in known), str(_("What is wrong"))]
    sheet = [
        [*(row.cells.get(column.name, "") for column in known), _all_problems(kind, row)]
        for row in rows
    ]
    name = str(kind.title).translate(FORBIDDEN_IN_NAMES)[:MAX_SHEET_NAME]
    return workbook(Sheet(name, titles, sheet))


def _all_problems(kind: ImportKind, row: StoredRow) -> str:
    titles = {column.name: str(column.title) for column in kind.columns}
    return " ".join(
        f"{titles[name]}: {text}" if name in titles else text
        for name, text in row.shown_problems.items()
    )


def _note(column: Column) -> str:
    parts = [
        str(_("Required.")) if column.required else str(_("May be empty.")),
        str(column.help),
        str(Sentence(_("Example: %(example)s"), {"example": column.example}))
        if column.example
        else "",
    ]
    return "\n".join(filter(None, parts))


def _known_titles(kind: ImportKind) -> dict[str, str]:
    """Return the names of the columns by every title that a file may give them."""
    known: dict[str, str] = {}
    for column in kind.columns:
        for title in (column.name, *_in_all_languages(column.title), *column.other_titles):
            known.setdefault(_plain(title), column.name)
    return known


def _in_all_languages(text: StrOrPromise) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield str(text)


def _plain(title: str) -> str:
    """Return a title without what does not matter: case, blanks, the star of required columns."""
    return unicodedata.normalize("NFKC", title).casefold().replace(" ", "").strip("*:")


def _find_titles(lines: Sequence[Sequence[str]], known: Mapping[str, str]) -> int:
    """Return the place of the line that has the most titles; of several the first."""
    counts = [sum(_plain(cell) in known for cell in cells) for cells in lines]
    return counts.index(max(counts)) if counts else 0


def _check_titles(kind: ImportKind, names: Sequence[str]) -> None:
    for column in kind.columns:
        if names.count(column.name) > 1:
            raise RepeatedColumn(column=column.title)
    missing = [column for column in kind.columns if column.required and column.name not in names]
    if missing:
        raise MissingColumns(columns="、".join(f"“{column.title}”" for column in missing))


def _cells(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    filled = [*cells, *[""] * (len(names) - len(cells))]
    return {name: cell for name, cell in zip(names, filled, strict=False) if name}


def _fault(column: Column, cell: str) -> Text | None:
    if not cell:
        return _("This must not be empty.") if column.required else None
    if cell.startswith(FORMULAS) or cell == FORMULA:
        return _("This is a formula. Paste its value instead.")
    if cell in ERRORS:
        return _("The formula in this cell has an error.")
    if any(is_unwritable(character) for character in cell):
        return _("This has line breaks, invisible or control characters. Type it again.")
    if len(cell) > column.max_length:
        return Sentence(_("This has more than %(limit)s characters."), {"limit": column.max_length})
    return None


def is_unwritable(character: str) -> bool:
    """Whether a character is left out: it is invisible, or changes the direction of a text."""
    return unicodedata.category(character) in UNWRITABLE or character in INVISIBLE
