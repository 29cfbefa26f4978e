"""Answer errors as problems (RFC 9457, ``application/problem+json``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.defaults import bad_request, page_not_found, permission_denied, server_error
from rest_framework import exceptions
from rest_framework.response import Response

from api import errors
from api.renderers import PROBLEM_TYPE, encode
from common.errors import TwotierError

log = structlog.get_logger(__name__)

PREFIX = "/api/"


def problem(error: TwotierError) -> dict[str, Any]:
    """Return the body: type, title, status, detail, code, the invalid fields, and the error's data.

    ``data`` has the numbers and texts that the error names, so that a client can write a sentence
    of its own.
    """
    body: dict[str, Any] = {
        "type": f"urn:twotier:error:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": str(error),
        "code": error.code,
    }
    if fields := error.data.get("errors"):
        body["errors"] = fields
    hidden = error.internal | {"errors"}
    if data := {name: value for name, value in error.data.items() if name not in hidden}:
        body["data"] = data
    return body


def answer(error: TwotierError) -> Response:
    return Response(
        problem(error), status=error.status, content_type=PROBLEM_TYPE, headers=_headers(error)
    )


def _headers(error: TwotierError) -> dict[str, str]:
    headers = {}
    if seconds := getattr(error, "retry_after", None):
        headers["Retry-After"] = str(seconds)
    if challenge := getattr(error, "challenge", None):
        headers["WWW-Authenticate"] = challenge
    return headers


def handle_exception(exception: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answer what a view raised; ``None`` for a fault, which Django logs before ``handler500``."""
    error = as_error(exception)
    if error is None:
        return None
    response = answer(error)
    if challenge := getattr(exception, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if isinstance(exception, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


# The first match counts.
_SIMPLE: tuple[tuple[type[Exception], type[TwotierError]], ...] = (
    (Http404, errors.NotFound),
    (exceptions.NotFound, errors.NotFound),
    (PermissionDenied, errors.NotFound),
    (exceptions.ParseError, errors.MalformedJson),
    (exceptions.UnsupportedMediaType, errors.UnsupportedMediaType),
    (exceptions.NotAcceptable, errors.NotAcceptable),
    (exceptions.PermissionDenied, errors.NotFound),
    (exceptions.NotAuthenticated, errors.NotSignedIn),
    (exceptions.AuthenticationFailed, errors.NotSignedIn),
    (OperationalError, errors.Unavailable),
)


def as_error(exception: Exception) -> TwotierError | None:
    """Return the error that answers an exception, ``None`` for a fault."""
    if isinstance(exception, TwotierError):
        return exception
    if isinstance(exception, exceptions.ValidationError):
        return errors.InvalidInput(errors=list(field_errors(exception.detail)))
    if isinstance(exception, exceptions.MethodNotAllowed):
        return errors.MethodNotAllowed()
    if isinstance(exception, RequestDataTooBig):
        return errors.BodyTooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024)
    for kind, error in _SIMPLE:
        if isinstance(exception, kind):
            if kind is OperationalError:
                log.warning("request_not_served", error=str(exception))
            return error()
    return None


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Flatten the errors of a serializer: ``lines[0].sku``; an empty field for the whole body."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            at = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            # A list of objects reports its invalid rows by their place.
            at = f"{path}[{name}]" if isinstance(name, int) else at
            yield from field_errors(inner, at)
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, Mapping)
            yield from field_errors(inner, f"{path}[{place}]" if nested else path)
    else:
        yield {"field": path, "code": detail.code, "message": str(detail)}


def page(error: TwotierError) -> HttpResponse:
    """Answer an error outside the views of the API."""
    return HttpResponse(
        encode(problem(error)),
        status=error.status,
        content_type=PROBLEM_TYPE,
        headers=_headers(error),
    )


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PREFIX):
        return page(errors.BadRequest())
    return bad_request(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PREFIX):
        return page(errors.NotFound())
    return permission_denied(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(PREFIX):
        return page(errors.NotFound())
    return page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(PREFIX):
        return page(errors.ServerFault())
    return server_error(request)
