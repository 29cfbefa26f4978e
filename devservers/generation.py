"""Refuse data of other initial migrations: it cannot be migrated, only replaced.

Before a release the initial migrations may be rewritten under the same names. Django would then
have nothing to migrate, and use tables that do not match the models.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import psycopg2

from devservers.clients import attach
from devservers.server_pairs import CHECKOUT, DATABASE, SUPERUSER, EmbeddedError, ServerPair

FIRST = ("*/migrations/0001_initial.py", "*/migrations/0002_guards.py")


def check(pair: ServerPair, connection: Any) -> None:
    """Compare the stamp in the home with the migrations; an empty database gets the stamp.

    Other databases, such as those of tests, are created by their users each time.

    :raises EmbeddedError: the data comes from other initial migrations
    """
    if connection.info.dbname != DATABASE:
        return
    stamp, wanted = _stamp(pair), current()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations')")
        migrated = cursor.fetchone()[0] is not None
    connection.rollback()
    if migrated:
        raise EmbeddedError("old data: run `./run demo --fresh`")
    stamp.write_text(wanted)


def empty(pair: ServerPair) -> None:
    """Replace the database with an empty one, and disconnect its clients.

    :raises EmbeddedError: the servers cannot be started
    """
    attach(pair)
    server = psycopg2.connect(host=str(pair.postgres_socket_dir), user=SUPERUSER, dbname="postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
    server.close()
    _stamp(pair).unlink(missing_ok=True)


def current() -> str:
    """Return the hash of the initial migrations."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in FIRST for path in CHECKOUT.glob(pattern)):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _stamp(pair: ServerPair) -> Path:
    return pair.home / "generation"
