"""``./manage.py import_bill``: a bill that was downloaded by hand, or one to be fetched now."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from closing.services import fetch_statement, import_bill
from common import clock
from common.errors import TwotierError


class Command(BaseCommand):
    help = _("Import the provider's bill of a day; without a file, fetch it.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--day", type=date.fromisoformat, required=True, help="YYYY-MM-DD")
        parser.add_argument("--file", type=Path, help=_("the plain file, unpacked"))
        parser.add_argument("--sha1", help=_("the file's hash, as the provider says it"))

    def handle(self, *, day: date, file: Path | None, sha1: str | None, **options: Any) -> None:
        if bool(file) != bool(sha1):
            raise CommandError(_("Give both the file and its hash, or neither."))
        now = clock.now()
        try:
            if file and sha1:
                done = import_bill(day=day, content=file.read_bytes(), sha1=sha1, at=now)
            else:
                found = fetch_statement(day=day, at=now)
                if found is None:
                    self.stdout.write(_("There is no bill of %(day)s.") % {"day": day})
                    return
                done = found
        except OSError as error:
            raise CommandError(
                _("“%(file)s” cannot be read: %(error)s") % {"file": file, "error": error.strerror}
            ) from None
        except TwotierError as refusal:
            raise CommandError(str(refusal)) from None
        if not done.is_new:
            self.stdout.write(_("It has been imported before. Nothing was changed."))
            return
        self.stdout.write(
            _("%(rows)s rows, %(suspended)s of them in suspense")
            % {"rows": done.file.rows, "suspended": done.suspended}
        )
