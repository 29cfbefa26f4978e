"""``./manage.py import_bill``: import a downloaded statement, or fetch one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from closing.services import fetch_statement, import_statement
from common import clock
from common.errors import TwotierError


class Command(BaseCommand):
    help = _("Import the provider's statement of a day; without a file, fetch it.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--file", type=Path, help=_("the uncompressed file"))
        parser.add_argument("--sha1", help=_("the SHA1 of the file from the provider"))

    def handle(self, *, day: date, file: Path | None, sha1: str | None, **options: Any) -> None:
        if bool(file) != bool(sha1):
            raise CommandError(_("Give both --file and --sha1, or neither."))
        now = clock.now()
        try:
            if file and sha1:
                result = import_statement(day=day, content=file.read_bytes(), sha1=sha1, at=now)
            else:
                fetched = fetch_statement(day=day, at=now)
                if fetched is None:
                    self.stdout.write(_("There is no statement for %(day)s.") % {"day": day})
                    return
                result = fetched
        except OSError as error:
            raise CommandError(
                _("Cannot read “%(file)s”: %(error)s") % {"file": file, "error": error.strerror}
            ) from None
        except TwotierError as error:
            raise CommandError(str(error)) from None
        if not result.is_new:
            self.stdout.write(_("It is already imported. Nothing was changed."))
            return
        self.stdout.write(
            _("%(rows)s lines imported, %(suspended)s of them in suspense")
            % {"rows": result.statement.rows, "suspended": result.suspended}
        )
