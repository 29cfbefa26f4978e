"""Data of other initial migrations is refused in one line, and replaced on request."""

from __future__ import annotations

import psycopg2
import pytest

import devservers
from devservers import generation
from tests.devservers.scene import rows


def connect(server_pair: devservers.ServerPair) -> psycopg2.extensions.connection:
    return psycopg2.connect(
        host=str(server_pair.postgres_socket_dir), user="postgres", dbname="twotier"
    )


@pytest.mark.slow
def test_old_data_is_refused_until_it_is_replaced(
    ready: devservers.ServerPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    devservers.attach(ready)
    with connect(ready) as connection:
        generation.check(ready, connection)
        connection.cursor().execute("CREATE TABLE django_migrations ()")
    generation.check(ready, connection)
    connection.close()

    monkeypatch.setattr(generation, "current", lambda: "other migrations")
    connection = connect(ready)
    with pytest.raises(devservers.EmbeddedError, match=r"^old data: run `./run demo --fresh`$"):
        generation.check(ready, connection)

    generation.empty(ready)

    connection = connect(ready)
    generation.check(ready, connection)
    connection.close()
    assert rows(ready, "SELECT to_regclass('django_migrations')") == [(None,)]


def test_the_generation_follows_the_initial_migrations() -> None:
    assert len({path for one in generation.FIRST for path in generation.CHECKOUT.glob(one)}) > 10
