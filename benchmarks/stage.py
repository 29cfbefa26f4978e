"""Databases to measure in: every round gets a fresh clone, so that none pays for the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from config import embedded

SEEDED = "bench_seeded"
ROUND = "bench_round"


@contextmanager
def opened() -> Iterator[None]:
    """A migrated, empty database on the benchmarks' own server."""
    embedded.attach(settings.PAIR)
    print("preparing a database …", flush=True)
    _maintain(
        f"DROP DATABASE IF EXISTS {ROUND} WITH (FORCE)",
        f"DROP DATABASE IF EXISTS {SEEDED} WITH (FORCE)",
        f"CREATE DATABASE {SEEDED}",
    )
    _use(SEEDED)
    call_command("migrate", verbosity=0)
    yield
    connections.close_all()


@contextmanager
def fresh() -> Iterator[None]:
    """A clone of the seeded database, analysed, gone afterwards."""
    connections.close_all()
    _maintain(f"CREATE DATABASE {ROUND} TEMPLATE {SEEDED}")
    _use(ROUND)
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    yield
    connections.close_all()
    _use(SEEDED)
    _maintain(f"DROP DATABASE {ROUND} WITH (FORCE)")


def _use(name: str) -> None:
    connections.close_all()
    connections.settings["default"]["NAME"] = name


def _maintain(*statements: str) -> None:
    server = psycopg2.connect(
        host=settings.PAIR.postgres_socket_dir, user="postgres", dbname="postgres"
    )
    server.autocommit = True
    with server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    server.close()
