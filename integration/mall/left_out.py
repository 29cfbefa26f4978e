"""Leave out the orders with errors, and write them into a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from backoffice.sheets import Sheet as Worksheet
from backoffice.sheets import workbook
from common.errors import TwotierError
from common.keys import clean_key
from integration.mall.files import Files
from integration.mall.headers import column_of
from integration.mall.problems import Problem
from integration.mall.sheets import Sheet
from integration.mall.tables import Table

ORDER_FILES = ("orders", "refunds")


class FolderNotEmpty(TwotierError):
    code = "folder_not_empty"
    message = _(
        "The folder for orders that are left out, %(folder)s, is not empty: name a new one."
        " Nothing was imported."
    )


@dataclass(slots=True)
class LeftOut:
    """The orders with errors, by their number as it is written in the files."""

    files: Files
    numbers: set[str] = field(default_factory=set)

    def add(self, problems: Iterable[Problem]) -> list[Problem]:
        """Add the orders of these problems; return the problems of anything else."""
        orders = {
            (table.file, line): number
            for name in ORDER_FILES
            for table in (self.files.tables[name],)
            for line, number in _numbers(name, table)
        }
        others = []
        for problem in problems:
            number = orders.get((problem.file, problem.line))
            if number is None or problem.kind.concerns_file:
                others.append(problem)
            else:
                self.numbers.add(number)
        return others

    def remaining(self) -> Files:
        """Return the files without these orders and their refunds."""
        return replace(
            self.files, orders=self._without(self.files.orders),
            refunds=self._without(self.files.refunds),
        )  # fmt: skip

    def _without(self, sheet: Sheet) -> Sheet:
        rows = [row for row in sheet.rows if row["order_no"] not in self.numbers]
        return replace(sheet, rows=rows)

    def write(self, source: Path, folder: Path) -> int:
        """Write the orders as a mall that can be corrected and imported by itself.

        The cells are as they were written, as text in a workbook: in CSV, a nickname could be a
        formula. The other files are copies.

        :returns: the number of rows of orders and refunds
        """
        folder.mkdir(parents=True, exist_ok=True)
        rows = 0
        for name, table in self.files.tables.items():
            if name in ORDER_FILES:
                rows += self._write_rows(name, table, folder / f"{name}.xlsx")
            else:
                shutil.copyfile(source / table.file, folder / table.file)
        return rows

    def _write_rows(self, name: str, table: Table, path: Path) -> int:
        kept = {line for line, number in _numbers(name, table) if number in self.numbers}
        rows = [cells for line, cells in table.rows if line in kept]
        path.write_bytes(workbook(Worksheet(name, table.header, rows)))
        return len(rows)


def _numbers(name: str, table: Table) -> Iterable[tuple[int, str]]:
    columns = [column_of(name, written) for written in table.header]
    if "order_no" in columns:
        place = columns.index("order_no")
        for line, cells in table.rows:
            yield line, clean_key(cells[place]) if place < len(cells) else ""


def require_empty(folder: Path) -> None:
    """Check that a folder does not exist or is empty.

    :raises FolderNotEmpty: it has files
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty(folder=str(folder))
