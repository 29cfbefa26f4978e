"""``./manage.py backup FOLDER``: dump the database under a new name, and delete old dumps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from common import clock
from config.postgresql import dump_to, run_program

PATTERN = "twotier-*.dump"


class Command(BaseCommand):
    help = _("Dump the database into a folder, and delete the dumps there that are older.")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help=_("the folder of the dumps"))
        parser.add_argument(
            "--keep-days", type=int, default=30, metavar="DAYS",
            help=_("delete dumps older than this many days (default: 30)"),
        )  # fmt: skip

    def handle(self, *, folder: Path, keep_days: int, **options: Any) -> None:
        now = clock.now()
        file = folder / f"twotier-{now:%Y%m%dT%H%M%SZ}.dump"
        unfinished = file.with_suffix(".unfinished")
        try:
            unfinished.touch(mode=0o600)
            dump_to(unfinished)
            run_program("pg_restore", "--list", str(unfinished))  # it can be read
            unfinished.rename(file)
        except OSError as error:
            raise CommandError(
                _("%(folder)s cannot be written: %(error)s")
                % {"folder": folder, "error": error.strerror}
            ) from None
        finally:
            unfinished.unlink(missing_ok=True)
        size = file.stat().st_size / 2**20
        self.stdout.write(f"{file} ({size:.1f} MB)")
        oldest = (now - timedelta(days=keep_days)).timestamp()
        for old in sorted(folder.glob(PATTERN)):
            if old.stat().st_mtime < oldest:
                old.unlink()
                self.stdout.write(_("deleted: %(file)s") % {"file": old})
