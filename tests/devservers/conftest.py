"""Every test has pairs of its own, in folders that the servers' account of root can reach."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import devservers
from devservers import places, relocated_data
from tests.devservers.scene import LINGER, Client, all_gone, end_everything

MakePair = Callable[..., devservers.ServerPair]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_pair(open_folder: Path) -> Iterator[MakePair]:
    made: list[devservers.ServerPair] = []

    def make(home: str | Path = "home", linger: float = LINGER) -> devservers.ServerPair:
        made.append(devservers.server_pair(open_folder / home, linger=linger))
        return made[-1]

    yield make
    for pair in made:
        devservers.detach(pair)
        end_everything(pair)
        if found := relocated_data.relocated_folder(pair.home):
            shutil.rmtree(found)


@pytest.fixture
def server_pair(make_pair: MakePair) -> devservers.ServerPair:
    return make_pair()


@pytest.fixture(scope="session")
def fresh_data() -> Iterator[Path]:
    """A data folder as the first start makes it; copying it is quicker than making it again."""
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    pair = devservers.server_pair(folder / "home", linger=0)
    devservers.attach(pair)
    devservers.detach(pair)
    all_gone(pair)
    yield pair.home / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def ready(server_pair: devservers.ServerPair, fresh_data: Path) -> devservers.ServerPair:
    """A pair whose data folder is made; its servers do not run yet."""
    places.make_home(server_pair.home)
    subprocess.run(["cp", "-a", fresh_data, server_pair.home], check=True)
    return server_pair


@pytest.fixture
def client() -> Iterator[Callable[[devservers.ServerPair], Client]]:
    """Start processes that attach and wait."""
    started: list[Client] = []

    def start(pair: devservers.ServerPair, **options: object) -> Client:
        started.append(Client(pair, **options))
        return started[-1]

    yield start
    for one in started:
        one.kill()
