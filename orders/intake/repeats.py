"""Repeat a transaction that the database has ended in favour of another one."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import OperationalError, connection
from psycopg2.extensions import TransactionRollbackError

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

REPEATS = 3
MAX_PAUSE = 0.2
"""Seconds. The pause is random, so that two who collided do not collide again."""


def repeat_if_ended(work: Callable[[], Result]) -> Result:
    """Call ``work``, and again if a deadlock or a serialization failure has ended its transaction.

    In a transaction of the caller nothing is repeated: it has ended as a whole.

    :param work: changes nothing unless it returns, such as a function in one transaction
    :raises OperationalError: it was ended each time, or the connection is lost
    """
    for repeat in range(1, REPEATS + 1):
        try:
            return work()
        except OperationalError as error:
            was_ended = isinstance(error.__cause__, TransactionRollbackError)
            if not was_ended or connection.in_atomic_block:
                raise
            log.warning("transaction_repeated", repeat=repeat, error=str(error).strip())
            time.sleep(random.uniform(0, MAX_PAUSE))  # noqa: S311 - no secret
    return work()
