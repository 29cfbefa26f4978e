"""Ask from which transfer on the credits of a day are, so that nobody reads those before.

``reports`` knows it, a higher room: it registers the look-up in its ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

Lookup = Callable[[date], int]
_LOOKUPS: list[Lookup] = []


def register(lookup: Lookup) -> None:
    """Set the look-up; there is one."""
    if lookup not in _LOOKUPS:
        _LOOKUPS.append(lookup)
    if len(_LOOKUPS) > 1:
        raise ValueError("Two rooms say which credit is the first of a day.")


def first_credit(day: date) -> int:
    """Return a key of transfers: no credit of cash on this day or later has a lower one."""
    return _LOOKUPS[0](day) if _LOOKUPS else 0
