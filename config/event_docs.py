"""Render ``docs/events.md`` from the declared events and the flows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module, util
from pathlib import Path

from django.apps import apps
from django.conf import settings

from config import flows
from events.declarations import EventType

PATH = Path(settings.BASE_DIR) / "docs" / "events.md"
INTRODUCTION = """\
# Events

<!-- Written by ./manage.py event_docs; a test compares it with the code. -->

Each room declares its events in `<room>/events.py` and records them with
`events.services.record(…)` in the transaction of the change. Every event has a subject, a time,
an actor (a staff user, a member, or the system) and, for changes, the values before and after.
Events are never changed or deleted. `config/flows.py` lists who follows which event;
[outbox.md](outbox.md) explains recording and delivery.
"""


def declared() -> dict[str, list[EventType]]:
    """Return the declared events of each room, by room name."""
    return {room: types for room in sorted(_rooms()) if (types := list(_event_types(room)))}


def render() -> str:
    """Return the text of ``docs/events.md``."""
    return INTRODUCTION + "".join(
        f"\n## {room}\n\n| event | subject | data | followers |\n|---|---|---|---|\n"
        + "".join(map(_row, types))
        for room, types in declared().items()
    )


def _rooms() -> Iterator[str]:
    root = Path(settings.BASE_DIR)
    for app in apps.get_app_configs():
        if (root / app.name).is_dir() and util.find_spec(f"{app.name}.events"):
            yield app.name


def _event_types(room: str) -> Iterator[EventType]:
    module = import_module(f"{room}.events")
    yield from (value for value in vars(module).values() if isinstance(value, EventType))


def _row(event_type: EventType) -> str:
    fields = ", ".join(f"`{name}` {kind.__name__}" for name, kind in event_type.fields.items())
    followers = [
        *flows.IN_TRANSACTION.get(event_type, []),
        *(f"{name} (after commit)" for name in flows.AFTER_COMMIT.get(event_type, [])),
    ]
    cells = [
        f"`{event_type.name}`<br>{event_type.description}",
        f"`{event_type.subject}`",
        fields,
        "<br>".join(f"`{name}`" for name in followers),
    ]
    return f"| {' | '.join(cells)} |\n"
