"""Lines that every page of the admin shows in its header; rooms register them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from backoffice import menu
from backoffice.base import StrOrPromise


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for staff.

    :param model: the list that it links to, such as ``alarms.alarm``, for those who may see it
    """

    text: StrOrPromise
    model: str


Source = Callable[[HttpRequest], Notice | None]
_sources: list[Source] = []


def register(source: Source) -> Source:
    """Show what ``source`` returns on every page; it is called once a page, so it must be cheap."""
    _sources.append(source)
    return source


def context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the header of an admin page; unfold's ``GLOBAL_CALLBACK``."""
    if not request.user.is_staff:
        return {}
    found = [source(request) for source in _sources]
    return {
        "header_notices": [
            {"text": notice.text, "url": menu.url_for(request.user, notice.model)}
            for notice in found
            if notice
        ]
    }
