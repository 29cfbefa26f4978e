"""Run a real PostgreSQL and a real Valkey on a machine where no server is configured.

``server_pair()`` returns where they are and starts nothing. ``attach()`` starts them if necessary
and keeps them running while this process lives. The database engine ``devservers`` attaches
automatically. This module imports no Django, because the settings import it.
"""

from __future__ import annotations

from devservers.clients import attach, attached, detach
from devservers.server_pairs import EmbeddedError, ServerPair, server_pair
