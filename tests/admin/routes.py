"""Every address of the back office that is no plain list or form, and how to call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, ClassVar, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from tests.admin.pages import PAGES, row

USUAL = re.compile(r"_(changelist|add|change|delete|history|list_\w+)$")
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


class Route(NamedTuple):
    name: str
    path: str

    def address(self) -> str:
        """Return an address of the route: with the keys of a row of its model."""
        page = next((page for page in PAGES if self.name.startswith(_prefix(page))), None)
        key = str(row(page).pk) if page and row(page) else "1"

        def value(match: re.Match[str]) -> str:
            kind, parameter = match.groups()
            if parameter in ("object_id", "key", "pk"):
                return key
            return "1" if kind == "int" else "x"

        return "/admin/" + PARAMETER.sub(value, self.path)


def _prefix(page: Any) -> str:
    return f"{page.opts.app_label}_{page.opts.model_name}_"


def _patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = f"{prefix}{entry.pattern}"
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        else:
            yield path, entry


def custom_routes() -> list[Route]:
    """Return the routes below ``/admin/`` besides lists and forms of models, by name."""
    found = {
        entry.name: Route(entry.name, path)
        for resolver in get_resolver().url_patterns
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "admin/"
        for path, entry in _patterns(resolver)
        if entry.name and not (USUAL.search(entry.name) and entry.name.count("_") > 1)
    }
    return [found[name] for name in sorted(found)]


class RequestOf:
    """What pages ask of a request to say who may do what."""

    GET: ClassVar[dict[str, str]] = {}
    method = "GET"

    def __init__(self, user: Any) -> None:
        self.user = user
