"""Store root's data and programs elsewhere when the servers' account cannot reach the home."""

from __future__ import annotations

import tempfile
from pathlib import Path

from devservers import places
from devservers.server_pairs import EmbeddedError, ServerPair

PARENT = Path("/var/lib/twotier")


def relocated_folder(home: Path) -> Path | None:
    """Return the relocated folder, which only the home stores: a new home must not find it."""
    link = _link(home)
    return link.readlink() if link.is_symlink() else None


def usable_folder(pair: ServerPair) -> Path | None:
    """Return the folder after checking that it belongs to this home.

    :raises EmbeddedError: the home was moved or copied; two would share one data folder
    """
    found = relocated_folder(pair.home)
    if found is None or not found.is_dir():
        return None
    if not found.name.startswith(pair.digest):
        raise EmbeddedError(
            f"{pair.home} was moved or copied, and {found} holds the data of its old place: "
            f"remove {_link(pair.home)} to start with an empty database, or move it back."
        )
    return found


def create(pair: ServerPair) -> Path:
    """Create the folder for this home.

    :raises EmbeddedError: it cannot be created, or would hide data in the home
    """
    if (pair.home / "postgres").exists():
        raise EmbeddedError(
            f"The account PostgreSQL runs as can no longer reach its data in {pair.home}: "
            "let other users pass through the folders above, or set TWOTIER_DATA."
        )
    try:
        places.make_folders(PARENT, 0o711)
        made = Path(tempfile.mkdtemp(prefix=f"{pair.digest}-", dir=PARENT))
        made.chmod(0o711)
        _link(pair.home).unlink(missing_ok=True)
        _link(pair.home).symlink_to(made)
    except OSError as failure:
        raise EmbeddedError(
            f"The account PostgreSQL runs as cannot reach {pair.home}, and a folder in {PARENT} "
            f"cannot be made ({failure.strerror}): set TWOTIER_DATA to another folder."
        ) from failure
    return made


def relocation_message(home: Path) -> str:
    return (
        f"PostgreSQL does not run as root, and the account it runs as cannot reach {home}: "
        f"data and programs are in {relocated_folder(home)} (TWOTIER_DATA names another folder)."
    )


def _link(home: Path) -> Path:
    return home / "relocated"
