"""The page "All data": tables in groups, each with a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice import menu, office
from backoffice.office import OfficePage

Group = tuple[Any, Iterable[str]]


def groups(user: Any, wanted: Iterable[Group]) -> list[dict[str, Any]]:
    """Return the tables and office pages that this person may open, in groups of a title."""
    tables = {**menu.tables(), **_office_pages()}
    rows = []
    for title, models in wanted:
        allowed = [model for model in models if model in tables and menu.may_open(user, model)]
        if allowed:
            rows.append({"title": title, "tables": [_table(tables[model]) for model in allowed]})
    return rows


def _office_pages() -> dict[str, menu.Entry]:
    """Return the pages as entries of the menu, by names such as ``office:roles``."""
    entries = [(page.title, page.icon, f"{menu.OFFICE}{page.name}") for page in office.pages()]
    return {entry[2]: entry for entry in entries}


def _table(entry: menu.Entry) -> dict[str, Any]:
    title, icon, model = entry
    return {
        "title": title,
        "icon": icon,
        "url": menu.url_of(model),
        "sentence": menu.sentence_of(model),
    }


def show_data(request: HttpRequest) -> HttpResponse:
    """Show every table that this person may open."""
    wanted = [
        (section.title, [entry[2] for entry in entries]) for section, entries in menu.sections()
    ]
    return office.render(
        request, "admin/backoffice/tables.html", title=_("All data"),
        groups=groups(request.user, wanted),
    )  # fmt: skip


office.register(OfficePage("data", "data", _("All data"), (), show_data, "database"))
