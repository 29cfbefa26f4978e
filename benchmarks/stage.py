"""Create a fresh database for each round, so that rounds do not affect each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

import devservers

EMPTY = "bench_empty"
ROUND = "bench_round"


@contextmanager
def opened() -> Iterator[None]:
    """A migrated, empty database on the benchmarks' own server; afterwards all of them go."""
    devservers.attach(settings.SERVER_PAIR)
    print("preparing a database …", flush=True)
    _drop_all()  # of a run that was killed
    _execute_autocommit(f"CREATE DATABASE {EMPTY}")
    _use(EMPTY)
    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        _drop_all()


@contextmanager
def seeded(name: str, *, on: str = EMPTY) -> Iterator[None]:
    """A database for ``fresh`` to clone: the block fills what begins as a clone of ``on``."""
    print(f"preparing {name} …", flush=True)
    _clone(on, name)
    yield
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _use(EMPTY)


@contextmanager
def fresh(name: str) -> Iterator[None]:
    """A clone of a seeded database, analysed, gone afterwards."""
    _clone(name, ROUND)
    yield
    _use(EMPTY)
    _drop(ROUND)


def _clone(name: str, into: str) -> None:
    connections.close_all()
    _drop(into)
    # By files, not by WAL; it ends with a checkpoint.
    _execute_autocommit(f"CREATE DATABASE {into} TEMPLATE {name} STRATEGY FILE_COPY")
    _use(into)


def _use(name: str) -> None:
    connections.close_all()
    connections.settings["default"]["NAME"] = name


def _drop(name: str) -> None:
    _execute_autocommit(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _drop_all() -> None:
    for name in _execute_autocommit("SELECT datname FROM pg_database WHERE datname LIKE 'bench%'"):
        _drop(name)


def _execute_autocommit(statement: str) -> list[str]:
    server = psycopg2.connect(
        host=settings.SERVER_PAIR.postgres_socket_dir, user="postgres", dbname="postgres"
    )
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    server.close()
    return [name for (name,) in rows]
