"""One house for all of these tests; what one of them stops, it starts again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.production.house import House
from tests.production.processes import Process, Proxy


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """Both servers run, the static files are built, and the database is migrated."""
    # Not pytest's own folder: the account PostgreSQL runs as has to pass through.
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    try:
        made = House(folder)
        try:
            made.postgres.start()
            made.redis.start()
            build, migration = made.collect_static(), made.start("migrate")
            assert migration.finish() == 0, migration.output()
            assert build.finish() == 0, build.output()
            yield made
        finally:
            made.close()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _served(house: House) -> tuple[Process, Proxy]:
    return house.start_web()


@pytest.fixture(scope="session")
def web(_served: tuple[Process, Proxy]) -> Process:
    return _served[0]


@pytest.fixture(scope="session")
def proxy(_served: tuple[Process, Proxy]) -> Proxy:
    return _served[1]


@pytest.fixture
def worker(house: House) -> Iterator[Process]:
    """One for each test: with the broker it goes."""
    started = house.start_worker()
    yield started
    started.end()


@pytest.fixture
def beat(house: House, worker: Process) -> Iterator[Process]:
    started = house.start_beat()
    yield started
    started.end()


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """In place of the servers of the other tests: these need none of them."""
