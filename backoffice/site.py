# mypy: allow-subclassing-any
"""The admin site of the back office."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite

from backoffice import home, office
from common import clock


class OfficeSite(UnfoldAdminSite):
    """Adds the office pages, and shows the home instead of the list of models."""

    def extra_urls(self) -> list[Any]:
        return office.urls(self)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        request.current_app = self.name
        return office.render(
            request,
            "admin/backoffice/home.html",
            **home.context(request, at=clock.now()),
            **(extra_context or {}),
        )
