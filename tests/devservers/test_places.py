"""Folders that are not ours, not private or of another version are refused in one plain line."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

import devservers
from devservers import children, journal, pairs
from devservers import ground as grounds
from tests.devservers.scene import all_gone, data, everything, rows

ROOT = os.geteuid() == 0


def refusal(of: devservers.Pair) -> str:
    with pytest.raises(devservers.EmbeddedError) as caught:
        devservers.attach(of)
    text = str(caught.value)
    assert "\n" not in text
    assert not devservers.attached(of)
    return text


def test_default_home_is_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOTIER_DATA", raising=False)
    assert devservers.pair().home == pairs.CHECKOUT / ".data"


def test_home_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOTIER_DATA", "/somewhere/else")
    assert devservers.pair().home == Path("/somewhere/else")


def test_relative_home_means_the_same_from_every_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert devservers.pair(Path("data")).home == pairs.CHECKOUT / "data"


def test_two_ways_to_one_home_are_one_pair(ground: Path) -> None:
    (ground / "link").symlink_to(ground / "home")
    assert devservers.pair(ground / "link").sockets == devservers.pair(ground / "home").sockets


def test_sockets_are_short_even_if_the_temporary_folder_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/a-long-name" * 9)
    assert devservers.pair().sockets.parent == Path("/tmp")


def test_entry_for_django_names_all_it_needs(pair: devservers.Pair) -> None:
    entry = pair.database("other")
    assert entry["ENGINE"] == "devservers"
    assert entry["HOST"] == str(pair.sockets)
    assert (entry["NAME"], entry["USER"]) == ("other", "postgres")
    assert entry["EMBEDDED_HOME"] == str(pair.home)


def test_everything_is_closed_to_others(pair: devservers.Pair) -> None:
    devservers.attach(pair)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (pair.home, data(pair))}
    assert modes == {pair.home: 0o711 if ROOT else 0o700, data(pair): 0o700}
    for path in (pair.sockets, pair.postgres_socket, pair.valkey_socket, *pair.home.glob("*.lock")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_an_open_home_is_closed(pair: devservers.Pair) -> None:
    pair.home.mkdir(mode=0o777)
    pair.home.chmod(0o777)
    devservers.attach(pair)
    assert stat.S_IMODE(pair.home.stat().st_mode) == (0o711 if ROOT else 0o700)


def test_folders_above_keep_their_modes(pair: devservers.Pair) -> None:
    before = stat.S_IMODE(pair.home.parent.stat().st_mode)
    devservers.attach(pair)
    assert stat.S_IMODE(pair.home.parent.stat().st_mode) == before


def test_a_disk_without_permissions(pair: devservers.Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """No such disk can be mounted here: its chmod succeeds and changes nothing."""
    pair.home.mkdir(mode=0o777)
    pair.home.chmod(0o777)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    assert "set TWOTIER_DATA to a folder on a disk that keeps permissions" in refusal(pair)


def test_a_home_that_cannot_be_made(make_pair: Callable[..., devservers.Pair]) -> None:
    assert "cannot be made" in refusal(make_pair("/proc/no/such"))


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_a_home_of_another_user(pair: devservers.Pair) -> None:
    pair.home.mkdir()
    os.chown(pair.home, 12345, 12345)
    assert "belongs to another user (uid 12345)" in refusal(pair)


@pytest.fixture
def sockets(pair: devservers.Pair) -> object:
    yield pair.sockets
    if pair.sockets.is_symlink():
        pair.sockets.unlink()
    shutil.rmtree(pair.sockets, ignore_errors=True)


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_a_socket_folder_of_another_user(pair: devservers.Pair, sockets: Path) -> None:
    sockets.mkdir(mode=0o700)
    os.chown(sockets, 12345, 12345)
    text = refusal(pair)
    assert "belongs to another user (uid 12345): remove it" in text
    assert everything(pair) == []


def test_a_link_where_the_sockets_belong(
    pair: devservers.Pair, sockets: Path, ground: Path
) -> None:
    (ground / "trap").mkdir(mode=0o700)
    sockets.symlink_to(ground / "trap")
    assert "is a link or a file: remove it" in refusal(pair)
    assert list((ground / "trap").iterdir()) == []


def test_an_open_socket_folder_of_ours_is_closed(pair: devservers.Pair, sockets: Path) -> None:
    sockets.mkdir()
    sockets.chmod(0o777)
    devservers.attach(pair)
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


def test_another_temporary_folder_is_told(
    ready: devservers.Pair, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devservers.attach(ready)
    used = ready.sockets
    monkeypatch.setattr("tempfile.tempdir", str(ground))
    monkeypatch.setattr("devservers.starting.STRANGE", 0.1)
    with pytest.raises(devservers.EmbeddedError, match=f"run with sockets in {used}.*same TMPDIR"):
        devservers.attach(ready)


def test_data_of_another_version(ready: devservers.Pair) -> None:
    devservers.attach(ready)
    devservers.detach(ready)
    all_gone(ready)
    (data(ready) / "PG_VERSION").write_text("17\n")
    text = refusal(ready)
    assert "was made by PostgreSQL 17 and this is PostgreSQL 18: move that folder away" in text
    all_gone(ready)


def test_a_killed_initdb_leaves_nothing_half_written(pair: devservers.Pair) -> None:
    pair.home.mkdir(mode=0o711)
    half = pair.home / "postgres-new-killed"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    devservers.attach(pair)

    assert not half.exists()
    assert rows(pair, "SELECT 1") == [(1,)]


def test_a_number_in_the_pid_file_that_is_now_someone_else(ready: devservers.Pair) -> None:
    devservers.attach(ready)
    noted = (data(ready) / "postmaster.pid").read_text()
    devservers.detach(ready)
    all_gone(ready)
    someone = children.start(["sleep", "60"], account=None, dies_by=signal.SIGKILL)
    try:
        _, rest = noted.split("\n", 1)
        (data(ready) / "postmaster.pid").write_text(f"{someone.pid}\n{rest}")

        devservers.attach(ready)

        assert rows(ready, "SELECT 1") == [(1,)]
        assert someone.poll() is None
    finally:
        someone.kill()
        someone.wait()


@pytest.mark.slow
def test_a_server_that_does_not_start_is_quoted(ready: devservers.Pair) -> None:
    devservers.attach(ready)
    devservers.detach(ready)
    all_gone(ready)
    (data(ready) / "postgresql.conf").write_text("no_such_setting = 1\n")
    assert "FATAL:  configuration file" in refusal(ready).replace(": ", ":  ")
    all_gone(ready)


def test_usual_lines_are_no_trouble(pair: devservers.Pair) -> None:
    pair.home.mkdir()
    journal.journal(pair.home).write_text(
        "FATAL:  it is broken\nFATAL:  the database system is starting up\n# WARNING advice\n"
    )
    assert journal.last_trouble(pair.home) == "FATAL:  it is broken"


def test_no_windows(pair: devservers.Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devservers.pairs.WINDOWS", True)
    with pytest.raises(devservers.EmbeddedError, match="set DATABASE_URL and REDIS_URL"):
        devservers.attach(pair)


@pytest.mark.skipif(not ROOT, reason="only root drops to another account")
def test_root_without_an_account(pair: devservers.Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devservers.places.ACCOUNTS", ("no-such-account",))
    with pytest.raises(devservers.EmbeddedError, match="run as an ordinary user"):
        grounds.choose(pair)
