"""Choose the folder for data, the programs, and the account under which the servers run.

An ordinary user uses the home itself. Root drops to an existing account; if that account cannot
reach the home or the programs, they move to a folder that it can reach.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devservers import binaries, places, relocated_data
from devservers.places import Account
from devservers.server_pairs import EmbeddedError, ServerPair

REACHED, NOT_REACHED, NOT_DROPPED = 0, 1, 2


@dataclass(frozen=True)
class RuntimeAccount:
    """The choice; ``base`` is the parent of PostgreSQL's data folder."""

    base: Path
    programs: binaries.Binaries
    account: Account | None

    @property
    def data(self) -> Path:
        return self.base / "postgres"


def choose(pair: ServerPair) -> RuntimeAccount:
    """Choose for one start of the servers.

    :raises EmbeddedError: root has no account to drop to, or no folder for it
    """
    programs = binaries.find_binaries()
    if os.geteuid() != 0:
        return RuntimeAccount(pair.home, programs, None)
    base = relocated_data.usable_folder(pair) or pair.home
    account = _account(base / "postgres")
    if not _can_access(account, [(base, os.X_OK)]):
        base = relocated_data.create(pair)
    if not _can_access(account, programs.needs()):
        programs = binaries.copy_binaries(programs, base)
    return RuntimeAccount(base, programs, account)


def _account(data: Path) -> Account:
    """Return the owner of existing data, else the preferred account."""
    known = places.accounts()
    if not known:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and no account {' or '.join(places.ACCOUNTS)} "
            "exists: run as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    owner = data.stat().st_uid if data.exists() else None
    return next((account for account in known if account.uid == owner), known[0])


def _can_access(account: Account, needs: Iterable[tuple[Path, int]]) -> bool:
    """Test access in a child process under that account, as mounts and access lists matter, too."""
    child = os.fork()
    if child == 0:
        verdict = NOT_REACHED
        try:
            verdict = _try_access(account, needs)
        finally:
            os._exit(verdict)
    verdict = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if verdict == NOT_DROPPED:
        raise EmbeddedError(
            f"PostgreSQL does not run as root, and this root cannot become {account.name!r}: "
            "run as an ordinary user, or set DATABASE_URL and REDIS_URL."
        )
    return verdict == REACHED


def _try_access(account: Account, needs: Iterable[tuple[Path, int]]) -> int:
    try:
        os.setgroups([])
        os.setgid(account.gid)
        os.setuid(account.uid)
    except OSError:
        return NOT_DROPPED
    return REACHED if all(os.access(path, mode) for path, mode in needs) else NOT_REACHED
