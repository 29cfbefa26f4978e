"""Tables that are no list of a model, such as reports: they are exported like lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from backoffice.access import StrOrPromise
from backoffice.sheets import Cell


@dataclass(frozen=True)
class Table:
    """The titles and rows of a file."""

    title: str
    titles: Sequence[str]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True)
class TableSource:
    """Where the worker gets the rows of an export from.

    :param label: the model whose right to view covers the table; exports are stored under it
    :param open: returns the table of a stored query
    :param count: returns about how many rows it has, for ``table_exports.send_table``
    """

    label: str
    title: StrOrPromise
    open: Callable[[QueryDict], Table]
    count: Callable[[QueryDict], int] | None = None


_sources: dict[str, TableSource] = {}


def register(source: TableSource) -> TableSource:
    if source.label in _sources:
        raise ValueError(f"two tables are exported as {source.label}")
    _sources[source.label] = source
    return source


def find(label: str) -> TableSource | None:
    return _sources.get(label)


def title_of(label: str) -> StrOrPromise | None:
    """Return the name of a table, ``None`` for a list of a model."""
    source = _sources.get(label)
    return source.title if source else None
