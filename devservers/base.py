"""Django's PostgreSQL engine on the embedded server, started on demand."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg2
from django.db.backends.postgresql import base, client
from django.utils.asyncio import async_unsafe

import devservers
from devservers import EmbeddedError, generation


class DatabaseClient(client.DatabaseClient):
    """Attach for ``manage.py dbshell``, which does not use Django's connection."""

    def runshell(self, parameters: Iterable[str]) -> None:
        devservers.attach(_server_pair_from(self.connection.settings_dict))
        super().runshell(parameters)


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection; restart the server once if it has stopped meanwhile.

        :raises EmbeddedError: the server cannot be started, or its data is of other migrations
        """
        pair = _server_pair_from(self.settings_dict)
        if not devservers.attached(pair):
            devservers.attach(pair)
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg2.OperationalError:
            devservers.attach(pair)
            connection = super().get_new_connection(conn_params)
        try:
            generation.check(pair, connection)
        except EmbeddedError:
            connection.close()
            raise
        return connection


def _server_pair_from(settings: dict[str, Any]) -> devservers.ServerPair:
    return devservers.server_pair(Path(settings["EMBEDDED_HOME"]))
