"""One deployment for all tests; a test that stops a process starts it again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.production.deployment import Deployment
from tests.production.processes import Process, Proxy


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    """Start both servers, build the static files and migrate the database."""
    # Avoid pytest's folder: the account of PostgreSQL needs access to the path.
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    try:
        deployment = Deployment(folder)
        try:
            deployment.postgres.start()
            deployment.redis.start()
            build, migration = deployment.collect_static(), deployment.start("migrate")
            assert migration.finish() == 0, migration.output()
            assert build.finish() == 0, build.output()
            yield deployment
        finally:
            deployment.close()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def _served(deployment: Deployment) -> tuple[Process, Proxy]:
    return deployment.start_web()


@pytest.fixture(scope="session")
def web(_served: tuple[Process, Proxy]) -> Process:
    return _served[0]


@pytest.fixture(scope="session")
def proxy(_served: tuple[Process, Proxy]) -> Proxy:
    return _served[1]


@pytest.fixture
def worker(deployment: Deployment) -> Iterator[Process]:
    """Start a worker for each test, because a worker exits with its broker."""
    started = deployment.start_worker()
    yield started
    started.end()


@pytest.fixture
def beat(deployment: Deployment, worker: Process) -> Iterator[Process]:
    started = deployment.start_beat()
    yield started
    started.end()


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """Replace the servers of the other tests, which are not needed here."""
