"""Refuse data of other initial migrations: it cannot be migrated, only made again.

Before a release the initial migrations may be rewritten under the same names. Django would find
nothing to migrate then, and work with tables that are not as the models say.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg2

from devservers.clients import attach
from devservers.server_pairs import CHECKOUT, DATABASE, SUPERUSER, EmbeddedError, ServerPair

FIRST = ("*/migrations/0001_initial.py", "*/migrations/0002_guards.py")


def check(of: ServerPair, connection: Any) -> None:
    """Compare the stamp in the home with the migrations; an empty database gets the stamp.

    Other databases of the servers, as those of tests, are made anew by whoever uses them.

    :raises EmbeddedError: other initial migrations have made the data
    """
    if connection.info.dbname != DATABASE:
        return
    stamp, wanted = _stamp(of), current()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations')")
        migrated = cursor.fetchone()[0] is not None
    connection.rollback()
    if migrated:
        raise EmbeddedError("old data: run `./run demo --fresh`")
    stamp.write_text(wanted)


def empty(of: ServerPair) -> None:
    """Replace the database by an empty one, whoever is connected.

    :raises EmbeddedError: the servers cannot be started
    """
    attach(of)
    server = psycopg2.connect(host=str(of.postgres_socket_dir), user=SUPERUSER, dbname="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    server.close()
    _stamp(of).unlink(missing_ok=True)


def current() -> str:
    """Return the hash of the initial migrations."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in FIRST for path in CHECKOUT.glob(pattern)):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _stamp(of: ServerPair) -> Path:
    return of.home / "generation"
