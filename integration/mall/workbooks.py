"""Read the cells of an .xlsx file as the texts that the spreadsheet shows.

calamine reads the values. The number formats come from the XML of the file, because calamine does
not return them: only the format tells 10% from 0.1, and 3.00 yuan from the number 3.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineSheet, load_workbook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
BUILT_IN = {9: "0%", 10: "0.00%", 2: "0.00", 4: "#,##0.00", 22: "m/d/yy h:mm"}
"""Of the formats without a code in the file, those that matter here; 39 to 44 are amounts."""
AMOUNT_IDS = {7, 8, 39, 40, 43, 44}
ERROR = "error"
HALF_A_SECOND = timedelta(milliseconds=500)
MAX_EXACT = 10**15
"""A spreadsheet stores 15 digits of a number; the others are lost."""

Place = tuple[int, int]
"""Row and column, counted from 0."""


class UnreadableWorkbook(Exception):
    """A file that is no workbook, or a workbook without exactly one sheet with content."""


def read_workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of the only sheet with content: line and cells.

    :raises UnreadableWorkbook: it is damaged, has a password, or has several sheets with content
    """
    try:
        sheet, index = _only_sheet(path)
        formats = _formats(path, index)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise UnreadableWorkbook(
            _("is no .xlsx file, or has a password: %(error)s") % {"error": error}
        ) from None
    for row, cells in enumerate(rows):
        yield (
            row + 1,
            [_as_shown(cell, formats.get((row, column), "")) for column, cell in enumerate(cells)],
        )


def _only_sheet(path: Path) -> tuple[CalamineSheet, int]:
    with load_workbook(path) as book:
        sheets = [book.get_sheet_by_index(index) for index in range(len(book.sheet_names))]
    filled = [(sheet, index) for index, sheet in enumerate(sheets) if sheet.height]
    if len(filled) > 1:
        names = ", ".join(sheet.name for sheet, _index in filled)
        raise UnreadableWorkbook(
            _("has several sheets with content (%(names)s): keep one") % {"names": names}
        )
    if not filled:
        raise UnreadableWorkbook(_("is empty"))
    return filled[0]


def _formats(path: Path, index: int) -> dict[Place, str]:
    """Return the number format of each cell that has one, and ``ERROR`` for cells with errors."""
    with zipfile.ZipFile(path) as archive:
        styles = _styles(archive)
        with archive.open(_sheet_file(archive, index)) as file:
            formats: dict[Place, str] = {}
            for _event, element in ElementTree.iterparse(file):  # noqa: S314 - expat limits entities
                if element.tag == f"{MAIN}c" and "r" in element.attrib:
                    code = styles[int(element.get("s", 0))] if styles else ""
                    if code or element.get("t") == "e":
                        place = _place(element.attrib["r"])
                        formats[place] = ERROR if element.get("t") == "e" else code
                elif element.tag == f"{MAIN}row":
                    element.clear()
    return formats


def _sheet_file(archive: zipfile.ZipFile, index: int) -> str:
    book, relations = _xml(archive, "xl/workbook.xml"), _xml(archive, "xl/_rels/workbook.xml.rels")
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    sheets = book.findall(f"{MAIN}sheets/{MAIN}sheet")
    target = targets[sheets[index].get(RELATION)]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _xml(archive: zipfile.ZipFile, name: str) -> ElementTree.Element:
    return ElementTree.fromstring(archive.read(name))  # noqa: S314 - expat limits entities


def _styles(archive: zipfile.ZipFile) -> list[str]:
    """Return the code of the number format of each style."""
    if "xl/styles.xml" not in archive.namelist():
        return []
    root = _xml(archive, "xl/styles.xml")
    codes = BUILT_IN | dict.fromkeys(AMOUNT_IDS, "#,##0.00")
    for number_format in root.iter(f"{MAIN}numFmt"):
        codes[int(number_format.get("numFmtId", 0))] = number_format.get("formatCode", "")
    styles = root.findall(f"{MAIN}cellXfs/{MAIN}xf")
    return [codes.get(int(style.get("numFmtId", 0)), "") for style in styles]


def _place(reference: str) -> Place:
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1


def _as_shown(value: Any, code: str) -> str:
    if code == ERROR:
        return "#ERROR"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float):
        return _number(Decimal(f"{value:.15g}"), code)
    if isinstance(value, datetime):
        # A time is stored as a fraction of a day, so that it may be off by a part of a second.
        return (value + HALF_A_SECOND).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, date):
        return f"{value} 00:00:00" if "h" in code.lower() else str(value)
    return str(value)


def _number(value: Decimal, code: str) -> str:
    if abs(value) >= MAX_EXACT:
        return f"{value:.5E}"
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", code.partition(";")[0])
    if "%" in shown:
        return f"{_plain(value * 100)}%"
    if re.search(r"0\.00(?![0#])", shown) and value == round(value, 2):
        return f"{value:.2f}"
    if re.fullmatch(r"0{2,}", shown) and value >= 0 and value == value.to_integral_value():
        return f"{value:0{len(shown)}.0f}"
    return _plain(value)


def _plain(value: Decimal) -> str:
    """Format without an exponent and without zeros at the end."""
    return f"{value.normalize():f}"
