"""Databases of tests: a migrated template that is kept between runs, and clones of databases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

TEMPLATE_PREFIX = "migrated_"
MAX_UNUSED = 100  # of 12 MB each
HASHED = ("requirements.txt", "*/migrations/*.py", "*/guards/*.sql", "common/guards.py")

_numbers = count()
_unused: list[str] = []


def migrated_template() -> str:
    """Return the name of a migrated database; the first process with these migrations creates it.

    The name contains the hash of everything that decides a migration, so it is never out of date.
    """
    name = TEMPLATE_PREFIX + _hash_of_migrations()
    with _server() as cursor:
        # Held until the server connection closes: other test processes wait for the template.
        cursor.execute("SELECT pg_advisory_lock(hashtext('migrated_template'))")
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [TEMPLATE_PREFIX]
        )
        existing = {found for (found,) in cursor.fetchall()}
        if name not in existing:
            for outdated in existing:
                cursor.execute(f'DROP DATABASE "{outdated}" WITH (FORCE)')
            _create_migrated(name, cursor)
    return name


def _create_migrated(name: str, cursor: Any) -> None:
    unfinished = f"unfinished_{name}"
    cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{unfinished}"')
    with using(unfinished):
        call_command("migrate", verbosity=0)
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _hash_of_migrations() -> str:
    files = sorted(path for pattern in HASHED for path in settings.BASE_DIR.glob(pattern))
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(settings.BASE_DIR)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def cloned(what: str) -> Iterator[str]:
    """Clone the test database; yield the clone's name and leave the clone to ``drop_clones``."""
    template = connections.settings["default"]["NAME"]
    name = f"{template}_{what}_{next(_numbers)}"
    connections.close_all()
    if len(_unused) >= MAX_UNUSED:
        drop_clones()
    with _server() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # of a killed run
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    try:
        yield name
    finally:
        connections.close_all()
        _unused.append(name)


def drop_clones() -> None:
    """Drop the clones that are no longer used, all together.

    For a minute after files were deleted, ext4 takes five times as long to create others, and a
    clone has 750 files. Dropping each clone at once would slow down the next one.
    """
    with _server() as cursor:
        for name in _unused:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    _unused.clear()


@contextmanager
def using(name: str) -> Iterator[None]:
    """Connect every thread to the database ``name`` inside the block."""
    database = connections.settings["default"]
    before = database["NAME"]
    connections.close_all()
    database["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        database["NAME"] = before


def disable_fsync() -> None:
    """Let commits not wait for the disk: the tests' data may be lost with the machine."""
    with _server() as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")


@contextmanager
def _server() -> Iterator[Any]:
    """Yield a cursor on the server's own database, in autocommit."""
    database = connection.settings_dict
    server = psycopg2.connect(
        host=database["HOST"], port=database["PORT"] or None, user=database["USER"],
        password=database["PASSWORD"], dbname="postgres",
    )  # fmt: skip
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            yield cursor
    finally:
        server.close()
