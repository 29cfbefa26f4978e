"""Say what a deletion deletes, without the rows that only connect two others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.utils.text import capfirst


def without_connections(
    rows: list[Any], counts: Mapping[str, int]
) -> tuple[list[Any], dict[str, int]]:
    """Return nested rows and counts without those of tables that Django made for a relation.

    They have no name of their own: they would be called ``Member_tags object (2)``.
    """
    tables = [
        model._meta
        for model in apps.get_models(include_auto_created=True)
        if model._meta.auto_created
    ]
    names = {str(table.verbose_name_plural) for table in tables}
    starts = tuple(f"{capfirst(str(table.verbose_name))}: " for table in tables)
    kept = {name: count for name, count in counts.items() if str(name) not in names}
    return _kept(rows, starts), kept


def _kept(rows: list[Any], starts: tuple[str, ...]) -> list[Any]:
    kept = []
    for row in rows:
        if isinstance(row, list):
            if below := _kept(row, starts):
                kept.append(below)
        elif not str(row).startswith(starts):
            kept.append(row)
    return kept
