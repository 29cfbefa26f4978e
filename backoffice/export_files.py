"""Write the rows of a list to a file, one after the other and in little memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from backoffice.columns import cell_reader, column_title
from backoffice.export_tables import Table
from backoffice.list_queries import OpenList
from backoffice.models import Export
from backoffice.sheets import MAX_SHEET_NAME, Cell, Sheet, Yuan, write_csv, write_workbook
from backoffice.totals import bounded_count, estimated_count
from common import clock
from common.errors import TwotierError
from common.money import plain_yuan

DIRECT_ROWS = 5_000
"""Exports of more rows are left to a worker."""
MAX_ROWS = {Export.Format.XLSX: 200_000, Export.Format.CSV: 1_000_000}
CHUNK = 500
FORBIDDEN_IN_NAMES = str.maketrans("", "", "[]:*?/\\'")


class TooManyRows(TwotierError):
    code = "too_many_rows_to_export"
    message = _(
        "This would be more than %(limit)s rows. Choose fewer days or another filter, or CSV, which"
        " may have more rows than Excel. Nothing was exported."
    )
    status = 400


def expected_rows(opened: OpenList, kind: str) -> int:
    """Return how many rows an export has, exactly up to what is sent at once.

    :raises TooManyRows: there are far more than a file may have
    """
    count = bounded_count(opened.rows, DIRECT_ROWS)
    if count <= DIRECT_ROWS:
        return count
    estimate = estimated_count(opened.rows)
    # The estimate may be wrong: only what is clearly too much is refused before it is written.
    if estimate > 2 * MAX_ROWS[Export.Format(kind)]:
        raise too_many_rows(kind)
    return max(estimate, count)


def write_file(
    opened: OpenList,
    kind: str,
    target: Path,
    *,
    progress: Callable[[int], object] = lambda _count: None,
) -> int:
    """Write the rows of a list to a file and return their number.

    :param progress: called with the number of rows so far, from time to time
    :raises TooManyRows: there are more than a file may have
    """
    page, columns = opened.page, export_columns(opened)
    titles = [column_title(page, name) for name in columns]
    table = Table(str(page.opts.verbose_name_plural), titles, _cells(opened, columns))
    return write_table(table, kind, target, progress=progress)


def write_table(
    table: Table,
    kind: str,
    target: Path,
    *,
    progress: Callable[[int], object] = lambda _count: None,
) -> int:
    """Write a table to a file and return the number of its rows; see ``write_file``."""
    titles, cells = table.titles, _limited(table.rows, kind, progress)
    if kind == Export.Format.XLSX:
        name = table.title.translate(FORBIDDEN_IN_NAMES)
        return write_workbook(target, Sheet(name[:MAX_SHEET_NAME] or "Export", titles, cells))
    with target.open("w", encoding="utf-8-sig", newline="") as file:  # Excel needs the mark
        return write_csv(file, titles, ([_csv_cell(cell) for cell in row] for row in cells))


def in_memory(write: Callable[[Path], int]) -> tuple[bytes, int]:
    """Return the content of a file of a few thousand rows, and the number of its rows."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "export"
        rows = write(file)
        return file.read_bytes(), rows


def export_columns(opened: OpenList) -> list[str]:
    """Return the visible columns, and those that only an export has."""
    more = [name for name in opened.page.export_columns if name not in opened.columns]
    return [*opened.columns, *more]


def file_name(label: str, at: datetime, kind: str) -> str:
    """Return the name of a downloaded file, such as ``orders-order-20261126-1215.xlsx``."""
    moment = at.astimezone(clock.SHANGHAI)
    return f"{slugify(label.replace('.', '-'))}-{moment:%Y%m%d-%H%M}.{kind}"


def _cells(opened: OpenList, columns: Sequence[str]) -> Iterator[list[Cell]]:
    readers = [cell_reader(opened.page, name) for name in columns]
    for rows in _chunks(opened.rows.iterator(chunk_size=CHUNK)):
        opened.page.prepare_rows(opened.request, rows)
        for row in rows:
            yield [read(row) for read in readers]


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _limited(
    cells: Iterable[Sequence[Cell]], kind: str, progress: Callable[[int], object]
) -> Iterator[Sequence[Cell]]:
    """Pass rows on and report how many; refuse more than a file may have."""
    limit = MAX_ROWS[Export.Format(kind)]
    for number, row in enumerate(cells, start=1):
        if number > limit:
            raise too_many_rows(kind)
        if number % (2 * CHUNK) == 0:
            progress(number)
        yield row


def too_many_rows(kind: str, limit: int = 0) -> TooManyRows:
    return TooManyRows(limit=f"{limit or MAX_ROWS[Export.Format(kind)]:,}")


def _csv_cell(cell: Cell) -> Any:
    """Return a cell as CSV shows it: yuan without separators, times of Shanghai."""
    if isinstance(cell, Yuan):
        return plain_yuan(cell.fen)
    if isinstance(cell, datetime):
        return f"{cell.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return "" if cell is None else cell
