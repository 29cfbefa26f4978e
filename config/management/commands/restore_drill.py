"""``./manage.py restore_drill [DUMP]``: prove that a backup can be restored, and how fast."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.models import Max
from django.utils.translation import gettext as _

from alarms.models import Job
from common import clock
from config import status
from config.postgresql import dump_to, run_program
from events.models import Event

SUFFIX = "_drill"  # of the name of the database


class Command(BaseCommand):
    help = _(
        "Restore a backup into a new database beside this one, check it there, and drop it. Shows"
        " the time of each step; exit 1 if something does not add up. Nothing else is changed."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "dump", type=Path, nargs="?",
            help=_("a dump in PostgreSQL's custom format; without it, this database is dumped"),
        )  # fmt: skip
        parser.add_argument(
            "--restored", metavar="DATABASE",
            help=_("only check this database on the same server, which is restored already"),
        )  # fmt: skip

    def handle(self, *, dump: Path | None, restored: str | None, **options: Any) -> None:
        started = time.monotonic()
        if restored:
            with _using(restored):
                self._check()
        else:
            with tempfile.TemporaryDirectory() as folder, _new_database() as name:
                made = Path(folder, "twotier.dump")
                if dump is None:
                    self._step(_("dump"), lambda: dump_to(made))
                self._step(_("restore"), lambda: _restore(dump or made, name))
                with _using(name):
                    self._check()
        self._say(_("the backup can be restored"), time.monotonic() - started)

    def _check(self) -> None:
        # As of the backup: since then, nothing was settled or paid in it. Read before the proof,
        # which records an event.
        moment = _moment_of_backup()
        day = clock.business_day(moment) - timedelta(days=1)
        self._step(_("migrations"), lambda: call_command("migrate", "--check", verbosity=0))
        self._step("prove_ledger", lambda: call_command("prove_ledger"))
        self._step("reconcile", lambda: call_command("reconcile", day=day))
        self._step("health", lambda: _require_health(moment))

    def _step(self, name: str, run: Callable[[], object]) -> None:
        started = time.monotonic()
        try:
            run()
        except SystemExit as failed:
            if failed.code:
                raise CommandError(_("%(step)s failed: see above.") % {"step": name}) from None
        self._say(name, time.monotonic() - started)

    def _say(self, name: str, seconds: float) -> None:
        self.stdout.write(self.style.SUCCESS(f"{seconds:7.1f} s  {name}"))


@contextmanager
def _new_database() -> Iterator[str]:
    """Create an empty database and yield its name; drop it afterwards."""
    name = str(connection.settings_dict["NAME"]) + SUFFIX
    quoted = connection.ops.quote_name(name)
    _execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")  # of an interrupted drill
    _execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield name
    finally:
        _execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


@contextmanager
def _using(name: str) -> Iterator[None]:
    """Connect to another database of the server inside the block."""
    database = connections.settings["default"]
    before = database["NAME"]
    if name == before:
        raise CommandError(
            _("%(name)s is the database in use: name the restored one.") % {"name": name}
        )
    connections.close_all()
    database["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        database["NAME"] = before


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _restore(dump: Path, name: str) -> None:
    if not dump.is_file():
        raise CommandError(_("%(file)s does not exist.") % {"file": dump})
    options = "--exit-on-error --single-transaction --no-owner --no-privileges"
    run_program("pg_restore", *options.split(), f"--dbname={name}", str(dump))


def _moment_of_backup() -> datetime:
    """Return when the newest event was recorded or job finished."""
    moments = [
        Event.objects.aggregate(newest=Max("at"))["newest"],
        Job.objects.aggregate(newest=Max("finished_at"))["newest"],
    ]
    return max((moment for moment in moments if moment), default=clock.now())


def _require_health(moment: datetime) -> None:
    if late := status.collect(at=moment).late:
        raise CommandError(
            _("Before the backup, this was late already: %(names)s.") % {"names": ", ".join(late)}
        )
