"""Process rows in batches, and keep one bad row from blocking the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import OperationalError

from common.errors import FAULTS

Row = TypeVar("Row")

MAX_SECONDS = 60.0  # well below the time limits of the tasks


def run_until_idle(batch: Callable[[], int], *, seconds: float = MAX_SECONDS) -> None:
    """Call ``batch`` until it returns 0 or the time is up; the next task continues.

    :param seconds: pass less where a single batch may take long
    """
    end = time.monotonic() + seconds
    while batch() and time.monotonic() < end:
        pass


def bisect_failures(
    batch: Callable[[Sequence[Row]], object],
    rows: Sequence[Row],
    *,
    on_failure: Callable[[Row, Exception], object],
    faults: tuple[type[Exception], ...] = FAULTS,
) -> None:
    """Process all rows at once; if that fails, halve them until each bad row is alone.

    :param batch: processes all rows it gets, or raises one of ``faults`` and changes nothing
    :param on_failure: called with each bad row and its exception, while that is being handled
    :raises OperationalError: the connection is lost or the database broke a deadlock, so no row is
        to blame
    """
    if not rows:
        return
    try:
        batch(rows)
        return
    except OperationalError:
        raise
    except faults as fault:
        if len(rows) == 1:
            on_failure(rows[0], fault)
            return
    middle = len(rows) // 2
    for half in (rows[:middle], rows[middle:]):
        bisect_failures(batch, half, on_failure=on_failure, faults=faults)
