"""Declare the events that a room records, so that each has one name, one place and known fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event; a room declares its own in ``<room>/events.py``.

    :param name: ``room.what_happened``, stored with every event
    :param fields: the data that is recorded with it, by name and type
    """

    name: str
    fields: Mapping[str, type] = field(default_factory=dict, compare=False)

    def __str__(self) -> str:
        return self.name
