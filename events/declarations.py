"""Declare the events that a room records, so that each has one name, one place and known fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event; each room declares its own in ``<room>/events.py``.

    :param name: ``room.what_happened``, stored with every event
    :param subject: the kind of its subjects, such as ``orders.order``; empty: any
    :param fields: the data recorded with it, by name and type, or None; amounts in minor units
    :param description: what it says, in one sentence, for ``docs/events.md``
    """

    name: str
    subject: str = field(default="", compare=False)
    fields: Mapping[str, type] = field(default_factory=dict, compare=False)
    description: str = field(default="", compare=False)

    def __str__(self) -> str:
        return self.name
