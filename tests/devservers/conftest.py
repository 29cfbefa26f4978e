"""Every test has pairs of its own, in folders that the servers' account of root can reach."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import devservers
from devservers import elsewhere, places
from tests.devservers.scene import LINGER, Client, all_gone, end_everything

MakePair = Callable[..., devservers.Pair]


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder that every user can pass through, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def make_pair(ground: Path) -> Iterator[MakePair]:
    made: list[devservers.Pair] = []

    def make(home: str | Path = "home", linger: float = LINGER) -> devservers.Pair:
        made.append(devservers.pair(ground / home, linger=linger))
        return made[-1]

    yield make
    for of in made:
        devservers.detach(of)
        end_everything(of)
        if found := elsewhere.folder(of.home):
            shutil.rmtree(found)


@pytest.fixture
def pair(make_pair: MakePair) -> devservers.Pair:
    return make_pair()


@pytest.fixture(scope="session")
def fresh_data() -> Iterator[Path]:
    """A data folder as the first start makes it; copying it is quicker than making it again."""
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-"))
    folder.chmod(0o711)
    of = devservers.pair(folder / "home", linger=0)
    devservers.attach(of)
    devservers.detach(of)
    all_gone(of)
    yield of.home / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def ready(pair: devservers.Pair, fresh_data: Path) -> devservers.Pair:
    """A pair whose data folder is made; its servers do not run yet."""
    places.make_home(pair.home)
    subprocess.run(["cp", "-a", fresh_data, pair.home], check=True)
    return pair


@pytest.fixture
def client() -> Iterator[Callable[[devservers.Pair], Client]]:
    """Start processes that attach and wait."""
    started: list[Client] = []

    def start(of: devservers.Pair, **options: object) -> Client:
        started.append(Client(of, **options))
        return started[-1]

    yield start
    for one in started:
        one.kill()
