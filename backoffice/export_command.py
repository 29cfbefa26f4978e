"""Commands that write a table as CSV to a file or to the standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.sheets import write_csv


class ExportCommand(BaseCommand):
    columns: ClassVar[Sequence[str]]

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help=_("the file to write; without it, the screen"))

    def rows(self) -> Iterable[Sequence[Any]]:
        raise NotImplementedError

    def handle(self, *, file: str | None, **options: Any) -> None:
        if file is None:
            write_csv(self.stdout, self.columns, self.rows())
            return
        try:
            with open(file, "w", encoding="utf-8", newline="") as target:  # noqa: PTH123
                count = write_csv(target, self.columns, self.rows())
        except OSError as error:
            raise CommandError(
                _("“%(file)s” cannot be written: %(error)s")
                % {"file": file, "error": error.strerror}
            ) from None
        self.stderr.write(_("%(count)s rows in %(file)s") % {"count": count, "file": file})
