"""Declare the events that a room records, so that each has one name, one place and known fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext


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

    def __post_init__(self) -> None:
        if self.description:
            _descriptions[self.name] = self.description

    def __str__(self) -> str:
        return self.name


_descriptions: dict[str, str] = {}


def title_of(name: str) -> str:
    """Return what an event says, in the reader's language; of an unknown one its name."""
    description = _descriptions.get(name)
    return gettext(description) if description else name
