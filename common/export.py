"""Commands that write a table as CSV, to a file or to the screen."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _


class ExportCommand(BaseCommand):
    columns: ClassVar[Sequence[str]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help=_("the file to write; without it, the screen"))

    def rows(self) -> Iterable[Sequence[Any]]:
        raise NotImplementedError

    def handle(self, *, file: str | None, **options: Any) -> None:
        if file is None:
            self._write(self.stdout)
            return
        try:
            with open(file, "w", encoding="utf-8", newline="") as target:  # noqa: PTH123
                count = self._write(target)
        except OSError as error:
            raise CommandError(
                _("“%(file)s” cannot be written: %(error)s")
                % {"file": file, "error": error.strerror}
            ) from None
        self.stderr.write(_("%(count)s rows in %(file)s") % {"count": count, "file": file})

    def _write(self, target: Any) -> int:
        table = csv.writer(target, lineterminator="\n")
        table.writerow(self.columns)
        count = 0
        for count, row in enumerate(self.rows(), start=1):  # noqa: B007 - counts
            table.writerow(row)
        return count
