"""Repeat what a lost connection or a deadlock has interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, connection

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

DELAYS = (0.2, 1, 3, 10, 30)
"""Seconds between the attempts: enough for a restart of the database."""


def with_retries(work: Callable[[], Result]) -> Result:
    """Call ``work``, and again if the database has ended its transaction.

    :param work: changes nothing unless it returns, such as a function in one transaction
    :raises OperationalError: the database is still not available after a minute
    """
    for delay in DELAYS:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise  # only the outermost transaction can be repeated
            log.warning("import_interrupted", error=str(error).strip(), retry_in=delay)
            connection.close()
            time.sleep(delay)
    return work()
