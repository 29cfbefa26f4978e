"""A real PostgreSQL and a real Valkey for a machine on which nothing is configured.

``pair()`` says where they are and starts nothing; ``attach()`` starts them when they are away and
keeps them for as long as this process lives. The database engine ``config.embedded`` attaches by
itself. Imports no Django: the settings import this.
"""

from __future__ import annotations

from config.embedded.clients import attach, attached, detach
from config.embedded.pairs import EmbeddedError, Pair, pair

__all__ = ["EmbeddedError", "Pair", "attach", "attached", "detach", "pair"]
