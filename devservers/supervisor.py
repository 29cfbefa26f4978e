"""Keep both servers of a pair running while there are clients."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from devservers import locks, places, runtime_account, state_files
from devservers.server_pairs import EmbeddedError, ServerPair
from devservers.servers import PostgreSQL, Server, Valkey

POLL_INTERVAL = 0.3
STARTUP_POLL_INTERVAL = 0.02
MAX_FAILURES = 10


class Supervisor:
    """Starts both servers, restarts a dead one, stops both after the last client.

    ``lock`` is the supervisor's lock, held exclusively; ``clients`` is the clients' lock.
    """

    def __init__(self, pair: ServerPair, *, lock: int, clients: int) -> None:
        self.server_pair = pair
        self.lock = lock
        self.clients = clients
        self.servers: list[Server] = []
        self.stop_requested = False
        self.failures = 0
        self.ready = False
        self.idle_since: float | None = None

    def run(self) -> None:
        """Run until there are no clients, the home is gone, or a signal arrives.

        :raises EmbeddedError: the servers cannot be started
        """
        for what in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(what, self._request_stop)
        try:
            self._start()
            while not self._finished():
                self._check_servers()
                time.sleep(POLL_INTERVAL if self.ready else STARTUP_POLL_INTERVAL)
        finally:
            self._stop()

    def _start(self) -> None:
        place = runtime_account.choose(self.server_pair)
        places.make_sockets(self.server_pair, place.account)
        postgres = PostgreSQL(self.server_pair, place)
        postgres.prepare()
        self.servers = [postgres, Valkey(self.server_pair, place)]
        for server in self.servers:
            server.start()

    def _check_servers(self) -> None:
        state_files.truncate_log(sys.stderr.fileno())
        for server in self.servers:
            if not server.runs():
                self._restart(server)
            elif server.socket_missing():
                server.ask_to_stop()
        if (self.failures or not self.ready) and self._all_answer():
            self.failures = 0
            self._mark_ready()

    def _all_answer(self) -> bool:
        return all(server.answers() for server in self.servers)

    def _mark_ready(self) -> None:
        state_files.write_sockets_path(self.server_pair.home, self.server_pair.sockets)
        self.ready = True

    def _restart(self, server: Server) -> None:
        self.failures += 1
        if self.failures > MAX_FAILURES:
            raise EmbeddedError(
                f"{type(server).__name__} does not stay up in {self.server_pair.home}: "
                f"{state_files.last_error_with_path(self.server_pair.home)}"
            )
        places.make_sockets(self.server_pair, server.runtime_account.account)
        server.start()

    def _finished(self) -> bool:
        home_is_there = locks.is_same_file(self.lock, self.server_pair.home / "supervisor.lock")
        return self.stop_requested or not home_is_there or self._idle_for_long()

    def _idle_for_long(self) -> bool:
        """Return True and hold the clients' lock, so that new clients wait for the stop."""
        if not locks.lock_exclusive(self.clients):
            self.idle_since = None
            return False
        now = time.monotonic()
        self.idle_since = self.idle_since or now
        if now - self.idle_since >= self.server_pair.linger:
            return True
        locks.release(self.clients)
        return False

    def _request_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stop_requested = True

    def _stop(self) -> None:
        for server in self.servers:
            server.ask_to_stop()
        for server in self.servers:
            server.wait()
        places.remove_sockets(self.server_pair)
