"""Work in batches, for as long as one task may take."""

from __future__ import annotations

import time
from collections.abc import Callable

MAX_SECONDS = 60.0  # well under the tasks' time limits


def run_until_idle(batch: Callable[[], int], *, seconds: float = MAX_SECONDS) -> None:
    """Repeat ``batch`` until it answers 0, or for so long: the next task goes on.

    :param seconds: fewer where one batch may itself take long
    """
    end = time.monotonic() + seconds
    while batch() and time.monotonic() < end:
        pass
