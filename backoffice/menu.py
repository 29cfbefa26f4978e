"""The menu by job. Rooms register their tables and links; the site decides jobs and order.

The sidebar shows the jobs of a person and, below the open one, its links. Every table stands on
the page "All data", which ``backoffice/data.py`` draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from backoffice import office
from backoffice.access import Permission, is_allowed

Entry = tuple[Any, str, str]
"""Title, icon and model of a table, such as ``catalog.product``."""
OFFICE = "office:"


@dataclass(frozen=True)
class Link:
    """An entry below a job.

    :param to: a list, such as ``orders.order``, or an office page, such as ``office:ranking``
    :param order: small numbers come first; the first link is the page of the job
    :param query: of the address, such as ``?status=open``
    """

    title: Any
    icon: str
    to: str
    order: int = 50
    query: str = ""
    badge: str = ""
    """The name of the count that the page "badges" fills in."""


@dataclass(frozen=True)
class Job:
    """An entry of the menu.

    :param permission: who does this job; without it the entry is hidden, though its lists open
    :param to: its own page; without one, the first link that the person may open
    :param sections: the tables that belong to it
    :param is_secondary: whether it stands apart, at the bottom
    """

    name: str
    title: Any
    icon: str
    permission: Permission = ()
    to: str = ""
    sections: tuple[str, ...] = ()
    is_secondary: bool = False
    is_fallback: bool = False
    """Whether it is open on pages of no other job that the person has."""


@dataclass(frozen=True)
class Section:
    """Tables on the page "All data"."""

    name: str
    title: Any


@dataclass
class _Menu:
    jobs: Sequence[Job] = ()
    sections: Sequence[Section] = ()
    sentences: Mapping[str, Any] = field(default_factory=dict)
    settings: Sequence[tuple[Any, Iterable[str]]] = ()
    empty: Mapping[str, Any] = field(default_factory=dict)


_menu = _Menu()
_entries: dict[str, list[Entry]] = {}
_links: dict[str, list[Link]] = {}
_sources: dict[str, Callable[[HttpRequest], list[Link]]] = {}


def register(section: str, *entries: Entry) -> None:
    """Add tables of title, icon and model to a section of the page "All data"."""
    _entries.setdefault(section, []).extend(entries)


def register_link(job: str, *links: Link) -> None:
    """Add links to a job of the menu; a person sees those that they may open."""
    _links.setdefault(job, []).extend(links)


def register_source(job: str, source: Callable[[HttpRequest], list[Link]]) -> None:
    """Let a function return further links of a job for each person."""
    _sources[job] = source


def arrange(
    *,
    jobs: Sequence[Job],
    sections: Sequence[Section],
    sentences: Mapping[str, Any],
    settings: Sequence[tuple[Any, Iterable[str]]],
    empty: Mapping[str, Any],
) -> None:
    """Set the jobs and the sections in their order, a sentence for each table, the tables of the
    page "Settings" by subject, and what it means that a table is empty."""
    _menu.jobs, _menu.sections = jobs, sections
    _menu.sentences, _menu.settings, _menu.empty = sentences, settings, empty


def jobs() -> Sequence[Job]:
    return _menu.jobs


def links_for(request: HttpRequest, job: str) -> list[Link]:
    """Return the links of a job that this person may open, in their order."""
    source = _sources.get(job)
    links = [*_links.get(job, []), *(source(request) if source else [])]
    allowed = [link for link in links if may_open(request.user, link.to)]
    return sorted(allowed, key=lambda link: link.order)


def tables() -> dict[str, Entry]:
    """Return the registered tables by model."""
    return {entry[2]: entry for entries in _entries.values() for entry in entries}


def sentence_of(model: str) -> Any:
    return _menu.sentences.get(model, "")


def empty_of(model: str) -> Any:
    return _menu.empty.get(model, "")


def title_of(model: str) -> Any:
    """Return the name of a table, the same on every page; ``None`` if it is not registered."""
    entry = tables().get(model)
    return entry[0] if entry else None


def sections() -> list[tuple[Section, list[Entry]]]:
    """Return the sections with their tables."""
    return [(section, _entries.get(section.name, [])) for section in _menu.sections]


def settings() -> Sequence[tuple[Any, Iterable[str]]]:
    """Return the tables of the page "Settings" by subject."""
    return _menu.settings


def url_of(to: str, query: str = "") -> str:
    """Return the address of ``orders.order``, of ``office:ranking`` or of a name such as
    ``index``."""
    if to.startswith(OFFICE):
        return reverse(f"admin:office_{to.removeprefix(OFFICE)}") + query
    app, _, model = to.partition(".")
    return reverse(f"admin:{app}_{model}_changelist" if model else f"admin:{app}") + query


def may_open(user: Any, to: str) -> bool:
    if to.startswith(OFFICE):
        name = to.removeprefix(OFFICE)
        return office.is_registered(name) and office.may_open(user, name)
    app, _, model = to.partition(".")
    return not model or is_allowed(user, (f"{app}.view_{model}", f"{app}.change_{model}"))


def url_for(user: Any, to: str, query: str = "") -> str:
    """Return the address of a list or page; empty for people who may not open it."""
    return url_of(to, query) if may_open(user, to) else ""


def row_url(user: Any, model: str, key: Any) -> str:
    """Return the address of a row's page; empty for people who may not see it.

    :param model: such as ``orders.order``; empty also if its rows have no pages
    """
    if not may_open(user, model):
        return ""
    try:
        return reverse(f"admin:{model.replace('.', '_', 1)}_change", args=[key])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a sentence leads: a row by its key, or a list or office page with its filters."""

    to: str
    row: Any = None
    filters: Mapping[str, Any] = field(default_factory=dict)

    def url(self, user: Any) -> str:
        """Return the address; empty for people who may not open it."""
        if self.row is not None:
            return row_url(user, self.to, self.row)
        return url_for(user, self.to, f"?{urlencode(self.filters)}" if self.filters else "")


def model_of(request: HttpRequest) -> str:
    """Return the model of the page, such as ``orders.order``; empty for other pages."""
    name = request.resolver_match.url_name if request.resolver_match else ""
    for model in tables():
        if name and name.startswith(model.replace(".", "_", 1) + "_"):
            return model
    return ""


def place_of(request: HttpRequest) -> str:
    """Return what the menu calls the page: its model or ``office:…``."""
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    if name.startswith("office_"):
        return office.place_of(name.removeprefix("office_"))
    return model_of(request) or name


def open_job(request: HttpRequest, jobs: Iterable[Job]) -> Job | None:
    """Return which of the jobs the page belongs to: by link, otherwise by its table's section."""
    place, jobs = place_of(request), list(jobs)
    for job in jobs:
        if place == job.to or any(link.to == place for link in links_for(request, job.name)):
            return job
    for job in jobs:
        if place in [entry[2] for name in job.sections for entry in _entries.get(name, [])]:
            return job
    return next((job for job in jobs if job.is_fallback), None)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the jobs of this person; the open one has its links."""
    jobs = [job for job in _menu.jobs if is_allowed(request.user, job.permission)]
    opened, place = open_job(request, jobs), place_of(request)
    rows = [_row(job, request, place, is_open=job == opened) for job in jobs]
    return [row for row in rows if row]


def _row(job: Job, request: HttpRequest, place: str, *, is_open: bool) -> dict[str, Any] | None:
    """Return a job as the sidebar shows it; ``None`` if this person can open none of it."""
    links = links_for(request, job.name)
    if not job.to and not links:
        return None
    return {
        "name": job.name,
        "title": job.title,
        "icon": job.icon,
        "url": url_of(job.to) if job.to else url_of(links[0].to, links[0].query),
        "is_secondary": job.is_secondary,
        "is_open": is_open,
        "is_current": job.to == place,
        "links": [
            {
                "title": link.title,
                "icon": link.icon,
                "url": url_of(link.to, link.query),
                "badge": link.badge,
                "is_current": link.to == place,
            }
            for link in links
            if is_open
        ],
    }
