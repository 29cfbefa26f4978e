"""The menu: rooms register their entries, the site decides the order of the sections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

Entry = tuple[Any, str, str]
_entries: dict[str, list[Entry]] = {}


def register(section: str, *entries: Entry) -> None:
    """Add entries of title, icon and model, such as ``catalog.product``."""
    _entries.setdefault(section, []).extend(entries)


def navigation(sections: Sequence[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Return unfold's navigation for sections of name and title, in their order."""
    return [
        {
            "title": title,
            "separator": True,
            "items": [_link(*entry) for entry in _entries.get(section, [])],
        }
        for section, title in sections
    ]


def _link(title: Any, icon: str, model: str) -> dict[str, Any]:
    app, name = model.split(".")

    def is_allowed(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")

    link = reverse_lazy(f"admin:{app}_{name}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": is_allowed}
