"""A GET of the back office changes nothing: of every address that the admin has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import StringConverter
from django.urls.resolvers import RegexPattern

from tests.admin.pages import PAGES, name, row

pytestmark = [pytest.mark.usefixtures("shop"), pytest.mark.slow]

WRITES = re.compile(
    r"^\s*(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|COPY|CREATE|ALTER|DROP|CALL|DO)\b|nextval\(|setval\(",
    re.IGNORECASE,
)
OWN_SESSION = re.compile(r'"django_session"')  # of the person who looks: messages, a language
LEAVES = {"logout", "password_change_done"}


def patterns(resolver: Any, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix)
        elif entry.name:
            yield entry.name, entry


def admin_resolver() -> URLResolver:
    return next(
        entry
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver) and entry.namespace == "admin"
    )


def arguments(route: URLPattern) -> dict[str, Any]:
    """Return values for the parameters of a route: those of a row of its model."""
    page = next((page for page in PAGES if _is_of(page, str(route.name))), None)
    if isinstance(route.pattern, RegexPattern):  # the lists of a room
        return dict.fromkeys(route.pattern.regex.groupindex, "orders")
    values: dict[str, Any] = {}
    for parameter in route.pattern.converters:
        found = row(page) if page else None
        is_text = isinstance(route.pattern.converters[parameter], StringConverter)
        values[parameter] = found.pk if found is not None and is_text else 1
        if parameter in ("model_name", "url", "public_id", "name", "kind"):
            values[parameter] = "x"
    return values


def _is_of(page: Any, route: str) -> bool:
    return route.startswith(f"{page.opts.app_label}_{page.opts.model_name}_")


ROUTES = sorted({route_name for route_name, _ in patterns(admin_resolver())} - LEAVES)


def addresses(route_name: str) -> Iterator[str]:
    for found, route in patterns(admin_resolver()):
        if found == route_name:
            try:
                yield reverse(f"admin:{route_name}", kwargs=arguments(route))
            except NoReverseMatch:
                continue


@pytest.mark.parametrize("route", ROUTES)
def test_a_get_writes_nothing(as_boss: Client, route: str) -> None:
    for address in addresses(route):
        with CaptureQueriesContext(connection) as seen:
            answer = as_boss.get(address)
            if answer.streaming:
                b"".join(answer.streaming_content)  # type: ignore[arg-type]
        written = [
            query["sql"]
            for query in seen
            if WRITES.search(query["sql"]) and not OWN_SESSION.search(query["sql"])
        ]
        assert written == [], address
        assert answer.status_code < 500, address


def test_there_is_an_address_for_every_route() -> None:
    """A route whose address cannot be made would not be tested."""
    assert [route for route in ROUTES if not list(addresses(route))] == []
    assert len(ROUTES) > 5 * len(PAGES)
    assert admin.site.name == "admin"
    assert name(PAGES[0])
