"""Headers that every answer of the API has."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from api.problems import PREFIX


class ApiMiddleware:
    """Adds the rate limit, and forbids caches to keep what belongs to a caller."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path.startswith(PREFIX):
            for name, value in getattr(request, "rate_limit", {}).items():
                response[name] = value
            response.headers.setdefault("Cache-Control", "no-store")
        return response
