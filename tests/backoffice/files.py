"""Files that people upload: tables as spreadsheets save them, and as attackers make them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import xlsxwriter  # type: ignore[import-untyped]

HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def csv_file(*rows: Sequence[str], encoding: str = "utf-8") -> bytes:
    lines = [",".join(f'"{cell}"' if set(cell) & set(',"\n') else cell for cell in row)
             for row in rows]  # fmt: skip
    return "\r\n".join(lines).encode(encoding)


def xlsx_file(*rows: Sequence[object], merged: str = "") -> bytes:
    """Return a workbook; a text that begins with ``=`` is a formula."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if merged:
            sheet.merge_range(merged, "x")
    return target.getvalue()


def workbook_with(sheet: bytes, *others: str) -> bytes:
    """Return a workbook whose sheet is this XML, with further parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx_file(["x"]))) as before,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            is_sheet = name == "xl/worksheets/sheet1.xml"
            after.writestr(name, HEAD + sheet + END if is_sheet else before.read(name))
        for name in others:
            after.writestr(name, b"x")
    return target.getvalue()
