"""Log requests without what people search for."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django_structlog.middlewares import RequestMiddleware

MONITORED = frozenset({"/healthz", "/readyz", "/statusz", "/metrics"})


class RequestLogMiddleware(RequestMiddleware):
    """Logs the path of each request. The query is left out: staff search by name and phone.

    Requests of monitoring, several a minute, are logged only if they fail, by Django.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in MONITORED:
            return cast("HttpResponse", self.get_response(request))
        return cast("HttpResponse", super().__call__(request))

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"
