"""kill -9 of anything: the next command works, data are whole, and nothing is left behind."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
import redis
from django.db import utils

import devservers
from devservers import health, places, runtime_account, state_files
from devservers.servers import PostgreSQL, Valkey
from tests.devservers.scene import Client, all_gone, kill, rows, servers, supervisors, until

pytestmark = pytest.mark.slow


@pytest.fixture
def kept(ready: devservers.ServerPair) -> devservers.ServerPair:
    """A running pair with a row in it."""
    devservers.attach(ready)
    rows(ready, "CREATE TABLE kept AS SELECT 7 AS number")
    return ready


def test_after_the_supervisor_was_killed(kept: devservers.ServerPair) -> None:
    (supervisor,) = supervisors(kept)
    kill(supervisor)

    devservers.attach(kept)
    until(lambda: len(supervisors(kept)) == 1, "a new supervisor")

    assert rows(kept, "SELECT number FROM kept") == [(7,)]


def test_nothing_is_left_of_a_killed_supervisor_without_a_client(
    kept: devservers.ServerPair,
) -> None:
    devservers.detach(kept)
    for supervisor in supervisors(kept):
        kill(supervisor)
    all_gone(kept)


def test_a_new_supervisor_ends_servers_that_nobody_keeps(kept: devservers.ServerPair) -> None:
    """As after a killed supervisor where the kernel cannot tie a child to its parent."""
    devservers.detach(kept)
    all_gone(kept)
    orphans = _started_without_a_supervisor(kept)
    until(lambda: health.both_answer(kept), "both orphans")
    state_files.write_sockets_path(kept.home, kept.sockets)

    devservers.attach(kept)

    assert rows(kept, "SELECT number FROM kept") == [(7,)]
    assert len(servers(kept, "postgres")) == len(servers(kept, "valkey-server")) == 1
    assert [orphan.wait(1) for orphan in orphans] == [0, -signal.SIGKILL]


def _started_without_a_supervisor(pair: devservers.ServerPair) -> list[subprocess.Popen[bytes]]:
    place = runtime_account.choose(pair)
    places.make_sockets(pair, place.account)
    started = [PostgreSQL(pair, place), Valkey(pair, place)]
    for server in started:
        server.start()
    return [server.process for server in started if server.process]


def test_after_the_postmaster_was_killed(kept: devservers.ServerPair) -> None:
    (postmaster,) = servers(kept, "postgres")
    kill(postmaster)

    devservers.attach(kept)

    until(lambda: servers(kept, "postgres") not in ([], [postmaster]), "a new postmaster")
    devservers.attach(kept)
    assert rows(kept, "SELECT number FROM kept") == [(7,)]


def _loop_until_disconnected(pair: devservers.ServerPair) -> None:
    with pytest.raises(psycopg2.Error):
        rows(pair, "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")


@pytest.mark.slow
def test_after_the_postmaster_was_killed_with_a_busy_backend(
    kept: devservers.ServerPair, client: Callable[[devservers.ServerPair], Client]
) -> None:
    """The backend holds the shared memory until someone ends it."""
    busy = threading.Thread(target=_loop_until_disconnected, args=[kept])
    busy.start()
    until(
        lambda: rows(kept, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'DO %'"),
        "a busy backend",
    )
    (postmaster,) = servers(kept, "postgres")
    kill(postmaster)

    until(lambda: servers(kept, "postgres") not in ([], [postmaster]), "a new one")
    devservers.attach(kept)
    assert rows(kept, "SELECT number FROM kept") == [(7,)]
    busy.join(20)


def _connected(pair: devservers.ServerPair) -> Any:
    return psycopg2.connect(host=str(pair.postgres_socket_dir), user="postgres", dbname="twotier")


def _sent_away(line: Any) -> bool:
    try:
        with line.cursor() as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.Error:
        return True
    return False


def test_after_a_backend_was_killed(kept: devservers.ServerPair) -> None:
    (postmaster,) = servers(kept, "postgres")
    backend = next(one for one in postmaster.children() if "walwriter" in one.cmdline()[0])
    with contextlib.closing(_connected(kept)) as line:
        kill(backend)
        # The postmaster has noticed once it has sent everyone away.
        until(lambda: _sent_away(line), "the end of all connections")

    devservers.attach(kept)

    assert rows(kept, "SELECT number FROM kept") == [(7,)]
    assert servers(kept, "postgres") == [postmaster]


def test_after_valkey_was_killed(kept: devservers.ServerPair) -> None:
    (valkey,) = servers(kept, "valkey-server")
    kill(valkey)
    until(lambda: not valkey.is_running(), "the end of Valkey")

    devservers.attach(kept)

    assert redis.from_url(f"unix://{kept.valkey_socket}").ping()


def test_after_everything_was_killed(kept: devservers.ServerPair) -> None:
    for process in [
        *supervisors(kept),
        *servers(kept, "postgres"),
        *servers(kept, "valkey-server"),
    ]:
        kill(process)

    devservers.attach(kept)
    until(lambda: len(supervisors(kept)) == 1, "a new supervisor")
    devservers.attach(kept)

    assert rows(kept, "SELECT number FROM kept") == [(7,)]


@pytest.mark.slow
def test_after_the_temporary_folder_was_cleaned(kept: devservers.ServerPair) -> None:
    kept.postgres_socket.unlink()
    kept.valkey_socket.unlink()

    devservers.attach(kept)

    assert rows(kept, "SELECT number FROM kept") == [(7,)]


@pytest.fixture
def engine(kept: devservers.ServerPair, django_db_blocker: Any) -> Iterator[Any]:
    """Django's connection on this pair, beside those of the project."""
    with django_db_blocker.unblock():
        engine = utils.ConnectionHandler({"default": kept.database()})["default"]
        yield engine
        engine.close()


def test_django_connects_again_after_the_postmaster_was_killed(
    kept: devservers.ServerPair, engine: Any
) -> None:
    with engine.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
    (postmaster,) = servers(kept, "postgres")
    kill(postmaster)
    until(lambda: not postmaster.is_running(), "its end")
    engine.close()

    with engine.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (7,)


def test_django_attaches_by_itself(kept: devservers.ServerPair, engine: Any) -> None:
    devservers.detach(kept)
    all_gone(kept)

    with engine.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchone() == (7,)
    assert devservers.attached(kept)


def test_django_still_says_what_is_wrong_with_a_name(
    kept: devservers.ServerPair, engine: Any
) -> None:
    engine.settings_dict["NAME"] = "nowhere"
    with pytest.raises(utils.OperationalError, match='"nowhere" does not exist'):
        engine.ensure_connection()
