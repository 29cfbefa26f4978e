"""One bad row must not keep the others of its batch from getting done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import OperationalError

from common.errors import FAULTS

Row = TypeVar("Row")


def bisect_failures(
    batch: Callable[[Sequence[Row]], object],
    rows: Sequence[Row],
    *,
    on_failure: Callable[[Row, Exception], object],
    faults: tuple[type[Exception], ...] = FAULTS,
) -> None:
    """Do ``batch`` for all rows at once; where that fails, for each half, until the faulty row
    stands alone.

    :param batch: does all that it is given or, raising one of ``faults``, nothing
    :param alone: told of each row with which it fails, and how, while that is being handled
    :raises OperationalError: nothing is wrong with a row: the connection is gone, or the database
        has ended one of two that waited for each other
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
