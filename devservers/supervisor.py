"""The one process a pair has of its own: it keeps both servers while anyone needs them."""

from __future__ import annotations

import signal
import sys
import time
from types import FrameType

from devservers import ground, journal, locks, places
from devservers.pairs import EmbeddedError, Pair
from devservers.servers import PostgreSQL, Server, Valkey

LOOK = 0.3
SOON = 0.02
FAILURES = 10


class Supervisor:
    """Starts both servers, restarts what dies, stops both after the last client has gone.

    ``lock`` is the supervisor's, held alone; ``clients`` is that of the clients.
    """

    def __init__(self, of: Pair, *, lock: int, clients: int) -> None:
        self.pair = of
        self.lock = lock
        self.clients = clients
        self.servers: list[Server] = []
        self.told_to_stop = False
        self.failures = 0
        self.ready = False
        self.idle_since: float | None = None

    def run(self) -> None:
        """Work until nobody needs the servers, the home is gone, or a signal says stop.

        :raises EmbeddedError: the servers cannot be started
        """
        for what in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(what, self._stop_soon)
        try:
            self._start()
            while not self._finished():
                self._keep()
                time.sleep(LOOK if self.ready else SOON)
        finally:
            self._stop()

    def _start(self) -> None:
        place = ground.choose(self.pair)
        places.make_sockets(self.pair, place.account)
        postgres = PostgreSQL(self.pair, place)
        postgres.prepare()
        self.servers = [postgres, Valkey(self.pair, place)]
        for server in self.servers:
            server.start()

    def _keep(self) -> None:
        journal.shorten(sys.stderr.fileno())
        for server in self.servers:
            if not server.runs():
                self._start_again(server)
            elif server.lost_its_socket():
                server.ask_to_stop()
        if (self.failures or not self.ready) and self._all_answer():
            self.failures = 0
            self._say_ready()

    def _all_answer(self) -> bool:
        return all(server.answers() for server in self.servers)

    def _say_ready(self) -> None:
        journal.say_sockets(self.pair.home, self.pair.sockets)
        self.ready = True

    def _start_again(self, server: Server) -> None:
        self.failures += 1
        if self.failures > FAILURES:
            raise EmbeddedError(
                f"{type(server).__name__} does not stay up in {self.pair.home}: "
                f"{journal.quoted(self.pair.home)}"
            )
        places.make_sockets(self.pair, server.ground.account)
        server.start()

    def _finished(self) -> bool:
        home_is_there = locks.still_at(self.lock, self.pair.home / "supervisor.lock")
        return self.told_to_stop or not home_is_there or self._idle_for_long()

    def _idle_for_long(self) -> bool:
        """True with the clients' lock kept: whoever comes now waits until all has stopped."""
        if not locks.alone(self.clients):
            self.idle_since = None
            return False
        now = time.monotonic()
        self.idle_since = self.idle_since or now
        if now - self.idle_since >= self.pair.linger:
            return True
        locks.release(self.clients)
        return False

    def _stop_soon(self, _signal: int, _frame: FrameType | None) -> None:
        self.told_to_stop = True

    def _stop(self) -> None:
        for server in self.servers:
            server.ask_to_stop()
        for server in self.servers:
            server.wait()
        places.remove_sockets(self.pair)
