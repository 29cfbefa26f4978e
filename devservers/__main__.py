"""``python -m devservers [home [linger [lock]]]``: supervise the servers of this home.

A client hands over the supervisor's lock as an open descriptor; without one it is taken here, and
a second supervisor ends silently.
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
    of = server_pair(Path(home) if home else None, linger=float(linger))
    held = _handed_over(int(lock)) if lock else _taken(of)
    return _supervise(of, held) if held is not None else 0


def _supervise(of: ServerPair, lock: int) -> int:
    clients = locks.open_lock_file(of.home / "clients.lock")
    try:
        Supervisor(of, lock=lock, clients=clients).run()
    except (EmbeddedError, OSError) as failure:
        sys.stderr.write(f"twotier: ERROR {failure}\n")
        state_files.refuse(of.home, str(failure))
        return 1
    finally:
        # In this order: a client that gets the second lock must find the first one free.
        os.close(lock)
        os.close(clients)
    return 0


def _handed_over(lock: int) -> int:
    # Away from the client, which waits for our first half only.
    if os.fork():
        os._exit(0)
    os.set_inheritable(lock, False)
    return lock


def _taken(of: ServerPair) -> int | None:
    places.make_home(of.home)
    return locks.open_exclusive(of.home / "supervisor.lock")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
