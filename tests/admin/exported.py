"""Tables that the office lets people save, read back as spreadsheets read them."""

from __future__ import annotations

import csv
import io
from typing import Any
from zipfile import ZipFile

from python_calamine import CalamineWorkbook

from backoffice.sheets import XLSX_CONTENT_TYPE

Table = list[list[Any]]


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def tables_of(answer: Any) -> list[Table]:
    """Return the tables of a downloaded file: titles and rows."""
    content = content_of(answer)
    if answer["Content-Type"].startswith(XLSX_CONTENT_TYPE):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [[[place], *book.get_sheet_by_name(place).to_python()] for place in book.sheet_names]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return [list(csv.reader(io.StringIO(text)))]


def formulas_in(answer: Any, content: bytes) -> list[str]:
    """Return the cells of a file that a spreadsheet would calculate."""
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as parts:
            return [
                part
                for part in parts.namelist()
                if b"<f>" in parts.read(part) or b"<hyperlink" in parts.read(part)
            ]
    text = (
        content.decode("utf-8-sig") if content[:3] == b"\xef\xbb\xbf" else content.decode("gb18030")
    )
    return [
        cell
        for row in csv.reader(io.StringIO(text))
        for cell in row
        if cell[:1] in ("=", "+", "@", "\t", "\r", "＝", "＋", "＠")
        or (cell[:1] in ("-", "－") and not cell[1:].replace(".", "").isdigit())
    ]
