from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

import devservers

pytest_plugins = ["tests.cast", "tests.back_office"]


@pytest.fixture(scope="session")
def django_db_setup(
    servers: None,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """One migrated database a test process, also when none but ``committed`` tests are chosen."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False)
        yield
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A database of its own for a test that commits, cloned from the migrated one; its name.

    Nothing here is emptied between tests, because transfers and facts refuse to be.
    """
    with django_db_blocker.unblock(), cloned("committed") as name, using(name):
        yield name


@contextmanager
def cloned(what: str) -> Iterator[str]:
    """A copy of the migrated database, gone afterwards; its name."""
    template = connections.settings["default"]["NAME"]
    name = f"{template}_{what}"
    connections.close_all()
    _execute_autocommit(
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy',
    )
    try:
        yield name
    finally:
        connections.close_all()
        _execute_autocommit(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextmanager
def using(name: str) -> Iterator[None]:
    """Everybody connects to that database meanwhile."""
    settings = connections.settings["default"]
    before = settings["NAME"]
    connections.close_all()
    settings["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        settings["NAME"] = before


def _execute_autocommit(*statements: str) -> None:
    settings = connection.settings_dict
    server = psycopg2.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
        password=settings["PASSWORD"], dbname="postgres",
    )  # fmt: skip
    server.autocommit = True
    with server.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    server.close()


@pytest.fixture(scope="session")
def servers() -> None:
    """The tests' own pair. Its data may be lost with the machine: it need not wait for the disk."""
    devservers.attach()
    _execute_autocommit("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
