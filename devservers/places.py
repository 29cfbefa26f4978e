"""Create and check the private folders: the home and the folder of the sockets."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devservers.server_pairs import EmbeddedError, ServerPair

if sys.platform != "win32":
    import pwd

# Accounts that run the servers for root; PostgreSQL refuses to run as root.
ACCOUNTS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An unprivileged account that exists on this machine."""

    name: str
    uid: int
    gid: int


def accounts() -> list[Account]:
    """Return the accounts that root may drop to, the preferred one first."""
    existing = []
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        existing.append(Account(name, entry.pw_uid, entry.pw_gid))
    return existing


def make_home(home: Path) -> None:
    """Create the private home; root's servers run under an account that has to pass through it.

    :raises EmbeddedError: it cannot be created, is not ours, or its disk has no permissions
    """
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        make_folders(home, mode)
    except OSError as failure:
        raise EmbeddedError(
            f"{home} cannot be created ({failure.strerror}): set TWOTIER_DATA to a writable folder."
        ) from failure
    found = home.stat()
    if found.st_uid != os.geteuid():
        raise EmbeddedError(
            f"{home} belongs to another user (uid {found.st_uid}): "
            "run as that user, or set TWOTIER_DATA to a folder of your own."
        )
    make_private(home, mode)


def make_private(folder: Path, mode: int) -> None:
    """Set the mode of the folder and check that it took effect.

    :raises EmbeddedError: the disk keeps no permissions
    """
    reason = "its disk keeps no permissions"
    if _mode(folder) != mode:
        try:
            folder.chmod(mode)
        except OSError as failure:
            reason = failure.strerror or reason
    if _mode(folder) & ~mode:
        raise EmbeddedError(
            f"{folder} cannot be made private ({reason}): "
            "set TWOTIER_DATA to a folder on a disk that keeps permissions."
        )


def sockets_exist(pair: ServerPair) -> bool:
    """Return whether the folder of the sockets exists; checked each time, as anyone may create it.

    :raises EmbeddedError: it exists and is not ours, or is open to others
    """
    try:
        found = pair.sockets.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        raise _not_ours(pair.sockets, "is a link or a file")
    if found.st_uid not in _trusted():
        raise _not_ours(pair.sockets, f"belongs to another user (uid {found.st_uid})")
    if found.st_mode & 0o077:
        _close_sockets(pair.sockets)
    return True


def make_sockets(pair: ServerPair, account: Account | None) -> None:
    """Create the folder of the sockets and give it to the servers' account.

    :raises EmbeddedError: it exists and is not ours
    """
    if not sockets_exist(pair):
        try:
            pair.sockets.mkdir(0o700)
        except OSError as failure:
            raise _not_ours(pair.sockets, f"cannot be made ({failure.strerror})") from failure
    change_owner(pair.sockets, account)


def remove_sockets(pair: ServerPair) -> None:
    """Remove the empty folder."""
    with suppress(OSError):
        pair.sockets.rmdir()


def change_owner(folder: Path, account: Account | None) -> None:
    """Change the owner of the folder and check that it took effect.

    :raises EmbeddedError: the disk keeps no owners
    """
    if account is None or folder.stat().st_uid == account.uid:
        return
    reason = "its disk keeps no owners"
    try:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    except OSError as failure:
        reason = failure.strerror or reason
    if folder.stat().st_uid != account.uid:
        raise EmbeddedError(
            f"{folder} cannot be given to {account.name!r}, as whom the servers run ({reason}): "
            "set TWOTIER_DATA to a folder on a disk that keeps owners and permissions."
        )


def make_folders(home: Path, mode: int) -> None:
    """Create the missing folders of this path; existing ones keep their mode."""
    if home.is_dir():
        return
    make_folders(home.parent, mode)
    try:
        home.mkdir(mode)
    except FileExistsError:
        if not home.is_dir():
            raise
    else:
        # Regardless of the umask; only for the new folder, never for an existing one.
        home.chmod(mode)


def _mode(folder: Path) -> int:
    return stat.S_IMODE(folder.stat().st_mode) & 0o777


def _trusted() -> set[int]:
    us = os.geteuid()
    return {0, *(account.uid for account in accounts())} if us == 0 else {us}


def _close_sockets(folder: Path) -> None:
    try:
        folder.chmod(0o700)
    except OSError as failure:
        raise _not_ours(folder, f"is open to others ({failure.strerror})") from failure
    if _mode(folder) & 0o077:
        raise _not_ours(folder, "is open to others and stays so")


def _not_ours(folder: Path, cause: str) -> EmbeddedError:
    return EmbeddedError(
        f"{folder}, where the servers' sockets belong, {cause}: "
        "remove it, or set TMPDIR to a folder of your own."
    )
