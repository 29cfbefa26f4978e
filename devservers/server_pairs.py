"""Locate the files and sockets of one PostgreSQL and one Valkey, without touching the disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parent.parent
DATABASE = "twotier"
SUPERUSER = "postgres"
PORT = 5432
LINGER = 3.0
WINDOWS = os.name == "nt"
# A socket's address holds 104 bytes on macOS and 108 on Linux, with the closing zero.
MAX_SOCKET_PATH = 103


class EmbeddedError(Exception):
    """The embedded servers cannot work; the text is one line with the cause and what to do."""


@dataclass(frozen=True)
class ServerPair:
    """One PostgreSQL and one Valkey that belong together.

    ``home`` is the folder of their files; ``linger`` the seconds they outlive the last client.
    """

    home: Path
    linger: float = LINGER

    @property
    def sockets(self) -> Path:
        """Return the private folder of both sockets, with a path short enough for a socket."""
        name = f"twotier-{user_id()}-{self.digest}"
        folder = Path(tempfile.gettempdir()) / name
        if len(os.fsencode(_postgres_socket(folder))) > MAX_SOCKET_PATH:
            return Path("/tmp") / name  # noqa: S108 - its owner and mode are checked at each use
        return folder

    @property
    def digest(self) -> str:
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]

    @property
    def postgres_socket_dir(self) -> Path:
        return self.sockets

    @property
    def postgres_socket(self) -> Path:
        return _postgres_socket(self.sockets)

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey.sock"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{quote(str(self.valkey_socket))}"

    @property
    def redis_url(self) -> str:
        """Return the same server in the form that the redis package reads."""
        return f"unix://{self.valkey_socket}"

    def database(self, name: str = DATABASE) -> dict[str, str]:
        """Return an entry of Django's ``DATABASES``."""
        return {
            "ENGINE": "devservers",
            "HOST": str(self.postgres_socket_dir),
            # Otherwise libpq would use a PGPORT of the environment.
            "PORT": str(PORT),
            "NAME": name,
            "USER": SUPERUSER,
            "EMBEDDED_HOME": str(self.home),
        }


def server_pair(home: Path | None = None, *, linger: float = LINGER) -> ServerPair:
    """Return the pair of this folder, else of ``TWOTIER_DATA``, else of ``.data`` in the checkout.

    A relative folder is relative to the checkout, so that every process uses the same one.
    """
    named = home or Path(os.environ.get("TWOTIER_DATA") or ".data")
    return ServerPair((CHECKOUT / named.expanduser()).resolve(), linger)


def user_id() -> int:
    """Return the effective user id; 0 where the platform has none."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _postgres_socket(folder: Path) -> Path:
    return folder / f".s.PGSQL.{PORT}"
