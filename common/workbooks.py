"""Look into an .xlsx file of a stranger before anything reads it.

A small file can unpack to gigabytes, and two cells in opposite corners of a sheet need memory for
all cells between them. What is read afterwards is packed again from the parts that were checked:
another program could read another length from the same archive.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.errors import TwotierError

ZIP = b"PK\x03\x04"
MAX_UNPACKED_SIZE = 50 * 2**20
MAX_PARTS = 2_000
MAX_AREA = 2_000_000
"""Cells of the rectangle around the content of a sheet; each needs memory, also an empty one."""
MAX_CELLS = 500_000
CHUNK = 2**16
READ = (".xml", ".rels")
MACROS = "vbaproject.bin"
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)([0-9]+)["']""")
TAG = re.compile(rb"<(?:\w{1,40}:)?(row|c)\b([^<>]*)>")
FORMULA = re.compile(rb"<(?:\w{1,40}:)?c\b([^<>]*)>\s*<(?:\w{1,40}:)?f\b")
MAX_DIGITS = 9

Place = tuple[int, int]
"""Row and column, counted from 0."""


class UnsafeWorkbook(TwotierError):
    code = "unsafe_workbook"
    message = _("The workbook cannot be read: %(fault)s.")
    status = 400


@dataclass(frozen=True, slots=True)
class Inspected:
    """A workbook that is safe to read: the parts that are needed, and where it has formulas."""

    content: bytes
    formulas: frozenset[Place]


def inspect(content: bytes) -> Inspected:
    """Check an .xlsx file and return it without what is not needed to read its cells.

    :raises UnsafeWorkbook: it is damaged, has macros, or would need too much memory
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = dict(_parts(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError,
            RuntimeError, ValueError):  # fmt: skip
        raise UnsafeWorkbook(fault=_("it is no XLSX file, or has a password")) from None
    formulas: set[Place] = set()
    for part in parts.values():
        _check_area(part)
        formulas.update(_formulas(part))
    return Inspected(_packed(parts), frozenset(formulas))


def _parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Yield the parts that hold cells, unpacked; all together are limited."""
    names = archive.namelist()
    if len(names) > MAX_PARTS:
        raise UnsafeWorkbook(fault=_("it has too many parts"))
    if any(name.lower().endswith(MACROS) for name in names):
        raise UnsafeWorkbook(fault=_("it has macros: save it as XLSX without macros"))
    left = MAX_UNPACKED_SIZE
    for name in dict.fromkeys(names):
        if name.lower().endswith(READ):
            part = _unpacked(archive, name, left)
            left -= len(part)
            yield name, part


def _unpacked(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    target = bytearray()
    with archive.open(name) as file:
        while chunk := file.read(CHUNK):
            target += chunk
            if len(target) > limit:
                raise UnsafeWorkbook(fault=_("its content is larger than 50 MB"))
    return bytes(target)


def _check_area(part: bytes) -> None:
    """Refuse a sheet whose cells lie too far apart."""
    if b"\0" in part:  # UTF-16, in which no place would be found
        raise UnsafeWorkbook(fault=_("it is no XLSX file, or has a password"))
    rows = columns = 1
    for count, place in enumerate(PLACE.finditer(part)):
        letters, digits = place.groups()
        if count > 2 * MAX_CELLS:  # of cells and their rows
            raise UnsafeWorkbook(fault=_("it has too many cells"))
        if len(digits) > MAX_DIGITS or len(letters) > MAX_DIGITS:
            raise UnsafeWorkbook(fault=_("a cell lies outside of the sheet"))
        rows = max(rows, int(digits))
        columns = max(columns, _number(letters))
    more_rows, more_columns = _without_place(part)
    rows, columns = rows + more_rows, columns + more_columns
    if rows * columns > MAX_AREA:
        fault = _(
            "its content reaches to row %(rows)s and column %(columns)s: delete what is far below"
            " or beside the table"
        )
        raise UnsafeWorkbook(fault=fault % {"rows": rows, "columns": columns})


def _without_place(part: bytes) -> tuple[int, int]:
    """Count the rows, and the most cells of one row, that do not say where they are."""
    rows = columns = of_row = 0
    for count, tag in enumerate(TAG.finditer(part)):
        name, attributes = tag.groups()
        if count > 2 * MAX_CELLS:
            raise UnsafeWorkbook(fault=_("it has too many cells"))
        has_place = PLACE.search(attributes) is not None
        if name == b"row":
            of_row = 0
            rows += not has_place
        elif not has_place:
            of_row += 1
            columns = max(columns, of_row)
    return rows, columns


def _formulas(part: bytes) -> Iterator[Place]:
    for cell in FORMULA.finditer(part):
        place = PLACE.search(cell[1])
        if place is None:
            raise UnsafeWorkbook(fault=_("it has formulas: replace them by their values"))
        yield int(place[2]) - 1, _number(place[1]) - 1


def _number(letters: bytes) -> int:
    """Return the number of a column: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - ord("A") + 1
    return number


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()
