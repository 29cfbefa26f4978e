"""Supervise the servers of a home: ``python -m devservers [home [linger [lock]]]``.

A client passes the supervisor's lock as an open descriptor. Without one this process takes the
lock, and a second supervisor exits silently.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from devservers import locks, places, state_files
from devservers.server_pairs import LINGER, EmbeddedError, ServerPair, server_pair
from devservers.supervisor import Supervisor


def main(home: str = "", linger: str = str(LINGER), lock: str = "") -> int:
    os.umask(0o077)
    pair = server_pair(Path(home) if home else None, linger=float(linger))
    descriptor = _inherit_lock(int(lock)) if lock else _take_lock(pair)
    return _supervise(pair, descriptor) if descriptor is not None else 0


def _supervise(pair: ServerPair, lock: int) -> int:
    clients = locks.open_lock_file(pair.home / "clients.lock")
    try:
        Supervisor(pair, lock=lock, clients=clients).run()
    except (EmbeddedError, OSError) as failure:
        sys.stderr.write(f"twotier: ERROR {failure}\n")
        state_files.write_start_error(pair.home, str(failure))
        return 1
    finally:
        # In this order: a client that gets the second lock expects the first one to be free.
        os.close(lock)
        os.close(clients)
    return 0


def _inherit_lock(lock: int) -> int:
    # Detach: the client waits only for the parent.
    if os.fork():
        os._exit(0)
    os.set_inheritable(lock, False)
    return lock


def _take_lock(pair: ServerPair) -> int | None:
    places.make_home(pair.home)
    return locks.open_exclusive(pair.home / "supervisor.lock")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
