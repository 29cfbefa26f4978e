"""Run the programs of PostgreSQL on the server of the database, without a password in view."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection
from django.utils.translation import gettext as _

from devservers.binaries import find_binaries


def dump_to(file: Path) -> None:
    """Write a dump of the database in the custom format.

    :raises CommandError: it cannot be written
    """
    connection.ensure_connection()  # an embedded server starts on demand
    run_program("pg_dump", "--format=custom", f"--file={file}")


def run_program(program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL on the server of this database.

    :raises CommandError: it is missing, or fails
    """
    database = connection.settings_dict
    embedded = database["ENGINE"] == "devservers"
    path = find_binaries().program(program) if embedded else shutil.which(program)
    if path is None:
        raise CommandError(
            _("%(program)s is missing: install PostgreSQL's client.") % {"program": program}
        )
    given = {
        "PGHOST": database["HOST"], "PGPORT": database["PORT"], "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"], "PGDATABASE": database["NAME"],
        "PGSSLMODE": database["OPTIONS"].get("sslmode"),
    }  # fmt: skip
    environment = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    done = subprocess.run(  # noqa: S603 - our arguments
        [path, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CommandError(
            _("%(program)s failed: %(error)s") % {"program": program, "error": done.stderr.strip()}
        )
