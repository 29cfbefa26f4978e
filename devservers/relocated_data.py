"""Root's data and programs, when the servers' account cannot reach the home."""

from __future__ import annotations

import tempfile
from pathlib import Path

from devservers import places
from devservers.server_pairs import EmbeddedError, ServerPair

PARENT = Path("/var/lib/twotier")


def folder(home: Path) -> Path | None:
    """Where they are. Only the home remembers: a deleted one must not bring its old data back."""
    link = _link(home)
    return link.readlink() if link.is_symlink() else None


def usable_folder(of: ServerPair) -> Path | None:
    """The same, once it is sure that they are this home's.

    :raises EmbeddedError: the home was moved or copied; two would share one data folder
    """
    found = folder(of.home)
    if found is None or not found.is_dir():
        return None
    if not found.name.startswith(of.digest):
        raise EmbeddedError(
            f"{of.home} was moved or copied, and {found} holds the data of its old place: "
            f"remove {_link(of.home)} to begin with an empty database, or move it back."
        )
    return found


def create(of: ServerPair) -> Path:
    """Make it for this home.

    :raises EmbeddedError: it cannot be made, or would hide data in the home
    """
    if (of.home / "postgres").exists():
        raise EmbeddedError(
            f"The account PostgreSQL runs as can no longer reach its data in {of.home}: "
            "let other users pass through the folders above, or set TWOTIER_DATA."
        )
    try:
        places.make_folders(PARENT, 0o711)
        made = Path(tempfile.mkdtemp(prefix=f"{of.digest}-", dir=PARENT))
        made.chmod(0o711)
        _link(of.home).unlink(missing_ok=True)
        _link(of.home).symlink_to(made)
    except OSError as failure:
        raise EmbeddedError(
            f"The account PostgreSQL runs as cannot reach {of.home}, and a folder in {PARENT} "
            f"cannot be made ({failure.strerror}): set TWOTIER_DATA to another folder."
        ) from failure
    return made


def relocation_message(home: Path) -> str:
    return (
        f"PostgreSQL does not run as root, and the account it runs as cannot reach {home}: "
        f"data and programs are in {folder(home)} (TWOTIER_DATA names another folder)."
    )


def _link(home: Path) -> Path:
    return home / "elsewhere"
