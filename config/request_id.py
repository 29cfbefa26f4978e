"""Which request a line of log, an event or an answer belongs to."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

VALID_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


class RequestIdMiddleware:
    """Accepts the caller's ``X-Request-ID`` if it is harmless, else creates one, and returns it.

    This is the outermost middleware, so that the responses of the others have the id, too.
    django-structlog's middleware reads it from the headers.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if VALID_REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
        request.META["HTTP_X_REQUEST_ID"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response
