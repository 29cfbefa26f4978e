"""Work in batches, for as long as one task may take."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 60.0  # well under the tasks' time limits


def until_done(batch: Callable[[], int]) -> None:
    """Repeat ``batch`` until it answers 0, or for a minute: the next task goes on."""
    end = time.monotonic() + SECONDS
    while batch() and time.monotonic() < end:
        pass
