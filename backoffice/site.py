# mypy: allow-subclassing-any
"""The admin site of the back office."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from backoffice import data, home, menu, office  # noqa: F401 - data registers its page
from common import clock


class OfficeSite(UnfoldAdminSite):
    """Adds the office pages, and shows the home instead of the list of models."""

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        return menu.sidebar(request)

    def extra_urls(self) -> list[Any]:
        return office.urls(self)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show the home."""
        request.current_app = self.name
        return office.render(
            request,
            "admin/backoffice/home.html",
            **home.context(request, at=clock.now()),
            **(extra_context or {}),
        )

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to all data: the lists of one room are no place of their own."""
        return HttpResponseRedirect(office.url("data"))
