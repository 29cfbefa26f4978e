"""Declared events, the calls that record them, and the flows agree."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from config import event_docs, flows
from events.declarations import EventType
from tests.architecture.test_floors import ROOMS

ROOT = Path(settings.BASE_DIR)
DECLARED = [event_type for types in event_docs.declared().values() for event_type in types]
# These show or deliver events, or warn when the last one is too old; all else reads columns.
READERS_OF_EVENTS = {"events", "config"}
READING_MODULES = {"admin", "checks", "timeline"}


def test_the_page_of_events_is_current() -> None:
    page = event_docs.PATH.read_text(encoding="utf-8")

    assert page == event_docs.render(), "run ./manage.py event_docs"


def test_names_are_unique_and_begin_with_their_room() -> None:
    names = [event_type.name for event_type in DECLARED]

    assert len(set(names)) == len(names)
    for room, types in event_docs.declared().items():
        assert all(event_type.name.startswith(f"{room}.") for event_type in types)


def test_every_event_says_what_it_is_about() -> None:
    assert [each.name for each in DECLARED if not each.subject or not each.description] == []


def test_every_declared_event_is_recorded() -> None:
    used = set(_names_used())

    assert {_constant(event_type) for event_type in DECLARED} - used == set()


def test_only_declared_events_are_followed() -> None:
    followed = {*flows.IN_TRANSACTION, *flows.AFTER_COMMIT}

    assert followed <= set(DECLARED)


def test_no_service_query_or_rule_reads_the_table_of_events() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in _product_files()
        if path.relative_to(ROOT).parts[0] not in READERS_OF_EVENTS
        and not READING_MODULES & {part.removesuffix(".py") for part in path.parts}
        and _reads_event_table(path)
    ]

    assert readers == []


def _product_files() -> Iterator[Path]:
    for room in [*ROOMS, "config"]:
        yield from (path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def _names_used() -> Iterator[str]:
    for path in _product_files():
        if path.name == "events.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def _reads_event_table(path: Path) -> bool:
    return re.search(r"\b(Event|Delivery)\.objects\b", path.read_text(encoding="utf-8")) is not None


def _constant(event_type: EventType) -> str:
    return event_type.name.replace(".", "_").upper()
