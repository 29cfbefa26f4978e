"""Search everything while typing; rooms register what they can find.

The palette (Ctrl+K) asks all sources that a person may use, a picker asks one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice import menu
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
    :param is_exact: whether the term is all of an id, a code or a number of the row
    """

    title: str
    detail: str
    url: str
    value: str
    is_exact: bool = False


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
    """The hits of one source, or the pages of the menu."""

    name: str
    title: StrOrPromise
    icon: str
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
        Group(source.name, source.title, source.icon, find(source.name, text, HITS))
        for source in _sources.values()
        if source.in_palette and request.user.has_perm(source.permission)
    ]
    pages = Group("pages", _("Pages of the menu"), "web", _pages(request, clean_term(text)))
    return [group for group in (*groups, pages) if group.hits]


def _pages(request: HttpRequest, term: str) -> list[Hit]:
    """Return the pages of the menu, and the tables, with the term in their names."""
    if not term:
        return []
    places = [
        (link.title, job.title, menu.url_of(link.to, link.query))
        for job, link in menu.all_links(request)
    ]
    places += [
        (title, _("All data"), menu.url_of(model))
        for title, _icon, model in menu.tables().values()
        if menu.may_open(request.user, model)
    ]
    found: dict[str, Hit] = {}
    for title, detail, url in places:
        if term.lower() in str(title).lower():
            found.setdefault(url, Hit(str(title), str(detail), url, url))
    return list(found.values())[:HITS]
