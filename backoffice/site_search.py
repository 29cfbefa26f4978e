"""Search everything while typing; rooms register what they can find.

The palette (Ctrl+K) asks all sources that a person may use, a picker asks one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest

from backoffice.base import StrOrPromise

MAX_TERM = 80
HITS = 6
"""How many hits of a source the palette shows."""
PICKER_HITS = 10


@dataclass(frozen=True)
class Hit:
    """A row that was found.

    :param url: the page of the row
    :param value: the public id, which a picker puts into its form
    """

    title: str
    detail: str
    url: str
    value: str


@dataclass(frozen=True)
class SearchSource:
    """Finds the rows of one kind.

    :param permission: the permission to see these rows
    :param icon: the name of a Material symbol
    :param find: gets the term and the greatest number of hits; answers from indexes, because it is
        called while a person types; a whole public id finds its row
    :param in_palette: whether Ctrl+K asks it, or only pickers
    """

    name: str
    title: StrOrPromise
    permission: str
    icon: str
    find: Callable[[str, int], list[Hit]]
    in_palette: bool = True


@dataclass(frozen=True)
class Group:
    """The hits of one source."""

    source: SearchSource
    hits: list[Hit]


_sources: dict[str, SearchSource] = {}


def register(source: SearchSource) -> SearchSource:
    """Add a source to the palette and to pickers.

    :raises ValueError: another source has this name
    """
    if source.name in _sources:
        raise ValueError(f"there is a search {source.name} already")
    _sources[source.name] = source
    return source


def source_of(name: str) -> SearchSource | None:
    return _sources.get(name)


def clean_term(text: str) -> str:
    """Return what to search for: without NUL, which the database refuses, and not too long."""
    return " ".join(text.replace("\0", " ").split())[:MAX_TERM]


def find(name: str, text: str, limit: int = PICKER_HITS) -> list[Hit]:
    """Return the hits of one source; none for an empty term."""
    term = clean_term(text)
    return _sources[name].find(term, limit)[:limit] if term else []


def find_everywhere(request: HttpRequest, text: str) -> list[Group]:
    """Return the hits of each source that the person may see, without empty groups."""
    groups = [
        Group(source, find(source.name, text, HITS))
        for source in _sources.values()
        if source.in_palette and request.user.has_perm(source.permission)
    ]
    return [group for group in groups if group.hits]
