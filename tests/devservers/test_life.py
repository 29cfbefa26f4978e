"""Servers start with the first client and end after the last one, whatever is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import redis

import devservers
from devservers import state_files
from devservers.server_pairs import CHECKOUT
from tests.devservers.scene import (
    Client,
    all_gone,
    everything,
    kill,
    rows,
    servers,
    supervisors,
    until,
)

pytestmark = pytest.mark.slow

Start = Callable[[devservers.ServerPair], Client]


def test_pair_starts_nothing(server_pair: devservers.ServerPair) -> None:
    assert not server_pair.home.exists()
    assert not server_pair.sockets.exists()


def test_attach_brings_both_servers(server_pair: devservers.ServerPair) -> None:
    devservers.attach(server_pair)

    settings = "current_setting('server_encoding'), current_setting('fsync')"
    assert rows(server_pair, f"SELECT current_database(), {settings}") == [
        ("twotier", "UTF8", "on")
    ]
    valkey = redis.from_url(f"unix://{server_pair.valkey_socket}")
    assert valkey.ping()
    assert valkey.config_get("save") == {"save": ""}
    assert valkey.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_neither_listens_on_the_network(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)

    for process in everything(ready):
        assert process.net_connections("inet") == []


def test_attaching_again_takes_milliseconds(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    began = time.perf_counter()
    for _ in range(10):
        devservers.attach(ready)
    assert (time.perf_counter() - began) / 10 < 0.05


def test_nothing_is_left_after_the_client_was_killed(
    ready: devservers.ServerPair, client: Start
) -> None:
    one = client(ready)
    assert one.says() == "attached"
    assert len(supervisors(ready)) == 1

    one.kill()

    all_gone(ready)
    assert not ready.sockets.exists()


def test_servers_stay_while_one_of_two_clients_lives(
    ready: devservers.ServerPair, client: Start
) -> None:
    first, second = client(ready), client(ready)
    assert (first.says(), second.says()) == ("attached", "attached")
    postmaster = servers(ready, "postgres")

    first.kill()
    # Longer than they linger: they would be gone if one client did not count.
    time.sleep(ready.linger * 3)

    assert servers(ready, "postgres") == postmaster
    second.kill()
    all_gone(ready)


def test_a_forked_child_keeps_the_servers_when_its_parent_is_gone(
    ready: devservers.ServerPair,
) -> None:
    """As web servers and workers fork: the child never attached by itself."""
    read, write = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            devservers.attach(ready)
            child = os.fork()
            os.write(write, str(child).encode() if child else b"")
            if child == 0:
                signal.pause()
        finally:
            os._exit(0)
    child = int(os.read(read, 20))
    os.waitpid(parent, 0)
    try:
        time.sleep(ready.linger * 3)
        assert rows(ready, "SELECT 1") == [(1,)]
    finally:
        os.kill(child, signal.SIGKILL)
    all_gone(ready)


def test_a_child_that_attaches_and_detaches_leaves_the_parent_attached(
    ready: devservers.ServerPair,
) -> None:
    devservers.attach(ready)
    child = os.fork()
    if child == 0:
        devservers.detach(ready)
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(ready.linger * 3)
    assert devservers.attached(ready)
    assert rows(ready, "SELECT 1") == [(1,)]


def test_data_outlives_the_servers(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    rows(ready, "CREATE TABLE kept AS SELECT 7 AS number")
    devservers.detach(ready)
    all_gone(ready)

    devservers.attach(ready)

    assert rows(ready, "SELECT number FROM kept") == [(7,)]


@pytest.mark.slow
def test_eight_at_once_start_one_supervisor(
    server_pair: devservers.ServerPair, client: Start
) -> None:
    clients = [client(server_pair) for _ in range(8)]

    assert [one.says() for one in clients] == ["attached"] * 8
    assert len(supervisors(server_pair)) == 1
    assert len(servers(server_pair, "postgres")) == 1
    assert len(servers(server_pair, "valkey-server")) == 1


@pytest.mark.parametrize("attempt", range(3))
def test_a_client_that_comes_while_all_stops(ready: devservers.ServerPair, attempt: int) -> None:
    devservers.attach(ready)
    (supervisor,) = supervisors(ready)
    devservers.detach(ready)
    # The socket goes first, then the process: between them it is stopping.
    until(lambda: not ready.postgres_socket.exists(), "the beginning of the stop", within=10)

    devservers.attach(ready)

    assert rows(ready, "SELECT 1") == [(1,)]
    assert [one.pid for one in supervisors(ready)] != [supervisor.pid]


def test_stop_on_a_signal(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    (supervisor,) = supervisors(ready)

    supervisor.terminate()

    all_gone(ready)
    devservers.attach(ready)
    assert rows(ready, "SELECT 1") == [(1,)]


def test_a_second_supervisor_ends_silently(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    second = [sys.executable, "-m", "devservers", ready.home]
    done = subprocess.run(second, cwd=CHECKOUT, check=False, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len(supervisors(ready)) == 1


@pytest.mark.slow
def test_two_homes_do_not_touch_one_another(
    make_pair: Callable[..., devservers.ServerPair],
) -> None:
    ours, theirs = make_pair("ours"), make_pair("theirs")
    devservers.attach(ours)
    devservers.attach(theirs)
    rows(ours, "CREATE TABLE here AS SELECT 1")
    assert rows(theirs, "SELECT to_regclass('here')") == [(None,)]

    for process in everything(ours):
        kill(process)
    devservers.detach(ours)
    all_gone(ours)

    assert rows(theirs, "SELECT 1") == [(1,)]


@pytest.mark.slow
def test_a_home_far_down(make_pair: Callable[..., devservers.ServerPair]) -> None:
    deep = make_pair("/".join(["a-folder-with-a-long-name"] * 10))
    assert len(str(deep.home)) > 250

    devservers.attach(deep)

    assert rows(deep, "SELECT 1") == [(1,)]


@pytest.mark.slow
def test_a_deleted_home_ends_its_servers_and_begins_afresh(
    server_pair: devservers.ServerPair,
) -> None:
    devservers.attach(server_pair)
    rows(server_pair, "CREATE TABLE gone AS SELECT 1")
    (old,) = supervisors(server_pair)
    shutil.rmtree(server_pair.home)

    assert not devservers.attached(server_pair)
    devservers.attach(server_pair)

    until(lambda: not old.is_running(), "the end of the old supervisor")
    devservers.attach(server_pair)
    assert rows(server_pair, "SELECT to_regclass('gone')") == [(None,)]
    assert len(servers(server_pair, "postgres")) == 1


def test_a_large_log_is_shortened(ready: devservers.ServerPair) -> None:
    devservers.attach(ready)
    with state_files.log_path(ready.home).open("a") as log:
        log.write("x" * (state_files.MAX_LOG_SIZE + 1))
    until(
        lambda: state_files.log_path(ready.home).stat().st_size < state_files.MAX_LOG_SIZE,
        "a shorter log",
    )
