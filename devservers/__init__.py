"""A real PostgreSQL and a real Valkey for a machine on which nothing is configured.

``server_pair()`` returns where they are and starts nothing; ``attach()`` starts them if needed and
keeps them running as long as this process lives. The database engine ``devservers`` attaches by
itself. This package imports no Django, because the settings import it.
"""

from __future__ import annotations

from devservers.clients import attach, attached, detach
from devservers.server_pairs import EmbeddedError, ServerPair, server_pair

__all__ = ["EmbeddedError", "ServerPair", "attach", "attached", "detach", "server_pair"]
