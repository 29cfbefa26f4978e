from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import translation
from pytest_django import DjangoDbBlocker

import devservers
from tests.databases import cloned, disable_fsync, drop_clones, migrated_template, using
from tests.lock_order import LockRecorder

pytest_plugins = ["tests.cast", "tests.back_office", "tests.served_shop"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that commit as slow: each clones a database."""
    for item in items:
        if "committed" in getattr(item, "fixturenames", ()):
            item.add_marker("slow")


@pytest.fixture(scope="session")
def servers() -> None:
    """Start the tests' own pair of servers."""
    devservers.attach()
    disable_fsync()


@pytest.fixture(scope="session")
def django_db_setup(
    servers: None,
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Create a migrated database for this process, also when only ``committed`` tests run."""
    with django_db_blocker.unblock():
        connections.settings["default"]["TEST"]["TEMPLATE"] = migrated_template()
        made = setup_databases(verbosity=0, interactive=False)
        yield
        drop_clones()
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Clone the migrated database for a test that commits; return the clone's name.

    Such a test cannot empty the tables afterwards: those of transfers and events refuse it.
    """
    with django_db_blocker.unblock(), cloned("committed") as name, using(name):
        yield name


@pytest.fixture(autouse=True)
def _default_language() -> None:
    """Begin in the default language: a request leaves that of its answer active."""
    translation.deactivate()


@pytest.fixture
def in_english() -> Iterator[None]:
    """Let texts be in English, as a test expects them that quotes them."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _locks_in_order(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose verbs lock rows in another order than ``common.locks`` states."""
    node = request.node
    nested = node.get_closest_marker("one_transaction")  # its verbs cannot be told apart
    if not node.get_closest_marker("django_db") or nested or "committed" in request.fixturenames:
        yield
        return
    request.getfixturevalue("db")
    recorder = LockRecorder(connection)
    with connection.execute_wrapper(recorder):
        yield
    assert not recorder.violations, recorder.violations
