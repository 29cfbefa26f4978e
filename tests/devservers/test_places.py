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
from devservers import children, runtime_account, server_pairs, state_files
from tests.devservers.scene import all_gone, data, everything, rows

pytestmark = pytest.mark.slow

ROOT = os.geteuid() == 0


def refusal(pair: devservers.ServerPair) -> str:
    with pytest.raises(devservers.EmbeddedError) as caught:
        devservers.attach(pair)
    text = str(caught.value)
    assert "\n" not in text
    assert not devservers.attached(pair)
    return text


def test_default_home_is_in_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOTIER_DATA", raising=False)
    assert devservers.server_pair().home == server_pairs.CHECKOUT / ".data"


def test_home_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOTIER_DATA", "/somewhere/else")
    assert devservers.server_pair().home == Path("/somewhere/else")


def test_relative_home_means_the_same_from_every_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert devservers.server_pair(Path("data")).home == server_pairs.CHECKOUT / "data"


def test_two_ways_to_one_home_are_one_pair(open_folder: Path) -> None:
    (open_folder / "link").symlink_to(open_folder / "home")
    assert (
        devservers.server_pair(open_folder / "link").sockets
        == devservers.server_pair(open_folder / "home").sockets
    )


def test_sockets_are_short_even_if_the_temporary_folder_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/a-long-name" * 9)
    assert devservers.server_pair().sockets.parent == Path("/tmp")


def test_entry_for_django_names_all_it_needs(server_pair: devservers.ServerPair) -> None:
    entry = server_pair.database("other")
    assert entry["ENGINE"] == "devservers"
    assert entry["HOST"] == str(server_pair.sockets)
    assert (entry["NAME"], entry["USER"]) == ("other", "postgres")
    assert entry["EMBEDDED_HOME"] == str(server_pair.home)


def test_everything_is_closed_to_others(server_pair: devservers.ServerPair) -> None:
    devservers.attach(server_pair)
    modes = {
        path: stat.S_IMODE(path.stat().st_mode) for path in (server_pair.home, data(server_pair))
    }
    assert modes == {server_pair.home: 0o711 if ROOT else 0o700, data(server_pair): 0o700}
    for path in (
        server_pair.sockets,
        server_pair.postgres_socket,
        server_pair.valkey_socket,
        *server_pair.home.glob("*.lock"),
    ):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.slow
def test_an_open_home_is_closed(server_pair: devservers.ServerPair) -> None:
    server_pair.home.mkdir(mode=0o777)
    server_pair.home.chmod(0o777)
    devservers.attach(server_pair)
    assert stat.S_IMODE(server_pair.home.stat().st_mode) == (0o711 if ROOT else 0o700)


@pytest.mark.slow
def test_folders_above_keep_their_modes(server_pair: devservers.ServerPair) -> None:
    before = stat.S_IMODE(server_pair.home.parent.stat().st_mode)
    devservers.attach(server_pair)
    assert stat.S_IMODE(server_pair.home.parent.stat().st_mode) == before


def test_a_disk_without_permissions(
    server_pair: devservers.ServerPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No such disk can be mounted here: its chmod succeeds and changes nothing."""
    server_pair.home.mkdir(mode=0o777)
    server_pair.home.chmod(0o777)
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    assert "set TWOTIER_DATA to a folder on a disk that keeps permissions" in refusal(server_pair)


def test_a_home_that_cannot_be_made(make_pair: Callable[..., devservers.ServerPair]) -> None:
    assert "cannot be created" in refusal(make_pair("/proc/no/such"))


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_a_home_of_another_user(server_pair: devservers.ServerPair) -> None:
    server_pair.home.mkdir()
    os.chown(server_pair.home, 12345, 12345)
    assert "belongs to another user (uid 12345)" in refusal(server_pair)


@pytest.fixture
def sockets(server_pair: devservers.ServerPair) -> object:
    yield server_pair.sockets
    if server_pair.sockets.is_symlink():
        server_pair.sockets.unlink()
    shutil.rmtree(server_pair.sockets, ignore_errors=True)


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
def test_a_socket_folder_of_another_user(server_pair: devservers.ServerPair, sockets: Path) -> None:
    sockets.mkdir(mode=0o700)
    os.chown(sockets, 12345, 12345)
    text = refusal(server_pair)
    assert "belongs to another user (uid 12345): remove it" in text
    assert everything(server_pair) == []


def test_a_link_where_the_sockets_belong(
    server_pair: devservers.ServerPair, sockets: Path, open_folder: Path
) -> None:
    (open_folder / "trap").mkdir(mode=0o700)
    sockets.symlink_to(open_folder / "trap")
    assert "is a link or a file: remove it" in refusal(server_pair)
    assert list((open_folder / "trap").iterdir()) == []


def test_an_open_socket_folder_of_ours_is_closed(
    server_pair: devservers.ServerPair, sockets: Path
) -> None:
    sockets.mkdir()
    sockets.chmod(0o777)
    devservers.attach(server_pair)
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


@pytest.mark.slow
def test_another_temporary_folder_is_reported(
    ready: devservers.ServerPair, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    devservers.attach(ready)
    used = ready.sockets
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    monkeypatch.setattr("devservers.startup.SOCKETS_MISMATCH_GRACE", 0.1)
    with pytest.raises(devservers.EmbeddedError, match=f"run with sockets in {used}.*same TMPDIR"):
        devservers.attach(ready)


def test_data_of_another_version(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    devservers.detach(ready)
    all_gone(ready)
    (data(ready) / "PG_VERSION").write_text("17\n")
    text = refusal(ready)
    assert "was created by PostgreSQL 17 and this is PostgreSQL 18: move that folder away" in text
    all_gone(ready)


@pytest.mark.slow
def test_a_killed_initdb_leaves_nothing_half_written(server_pair: devservers.ServerPair) -> None:
    server_pair.home.mkdir(mode=0o711)
    half = server_pair.home / "postgres-new-killed"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    devservers.attach(server_pair)

    assert not half.exists()
    assert rows(server_pair, "SELECT 1") == [(1,)]


@pytest.mark.slow
def test_a_number_in_the_pid_file_that_is_now_someone_else(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    noted = (data(ready) / "postmaster.pid").read_text()
    devservers.detach(ready)
    all_gone(ready)
    someone = children.start(["sleep", "60"], account=None, death_signal=signal.SIGKILL)
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
def test_a_server_that_does_not_start_is_quoted(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    devservers.detach(ready)
    all_gone(ready)
    (data(ready) / "postgresql.conf").write_text("no_such_setting = 1\n")
    assert "FATAL:  configuration file" in refusal(ready).replace(": ", ":  ")
    all_gone(ready)


def test_usual_lines_are_no_trouble(server_pair: devservers.ServerPair) -> None:
    server_pair.home.mkdir()
    state_files.log_path(server_pair.home).write_text(
        "FATAL:  it is broken\nFATAL:  the database system is starting up\n# WARNING advice\n"
    )
    assert state_files.last_error(server_pair.home) == "FATAL:  it is broken"


def test_no_windows(server_pair: devservers.ServerPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devservers.server_pairs.WINDOWS", True)
    with pytest.raises(devservers.EmbeddedError, match="set DATABASE_URL and REDIS_URL"):
        devservers.attach(server_pair)


@pytest.mark.skipif(not ROOT, reason="only root drops to another account")
def test_root_without_an_account(
    server_pair: devservers.ServerPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devservers.places.ACCOUNTS", ("no-such-account",))
    with pytest.raises(devservers.EmbeddedError, match="run as an ordinary user"):
        runtime_account.choose(server_pair)
