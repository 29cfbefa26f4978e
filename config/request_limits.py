"""Refuse requests that are too large or malformed before anything stores or looks them up."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _

from api import problems
from api.errors import BadRequest, BodyTooLarge

NUL = "\0"


class RequestLimitsMiddleware:
    """Answers 413 to a body above ``MAX_REQUEST_SIZE``, without reading it, and 400 to a
    ``Content-Length`` that is no number and to a NUL character, which PostgreSQL cannot compare.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()):
            return _refused(request, 400, _("The length of the request is not a number."))
        if length != "0" and length.startswith("0"):
            # Zeros in front hide the length, and Python refuses to read thousands of them.
            length = request.META["CONTENT_LENGTH"] = length.lstrip("0") or "0"
        if int(length[:20]) > settings.MAX_REQUEST_SIZE:
            text = _("The request is larger than %(size)s MB. Nothing was saved.")
            return _refused(request, 413, text % {"size": settings.MAX_REQUEST_SIZE // 2**20})
        if NUL in request.path_info or has_nul(request.GET) or _has_nul_cookie(request):
            return _refused(request, 400, _("The request contains a NUL character."))
        return self.get_response(request)


class FormsWithoutNulMiddleware:
    """Answers 400 to a form with a NUL character. It follows the check of the CSRF token, which
    reads the form, so that nothing is read from others.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], *_view_arguments: Any
    ) -> HttpResponse | None:
        is_form = request.method == "POST" and not getattr(view, "csrf_exempt", False)
        if is_form and has_nul(request.POST):
            return _refused(request, 400, _("The request contains a NUL character."))
        return None


class LimitedUploadHandler(FileUploadHandler):
    """Stops reading the files of a request at ``MAX_REQUEST_SIZE``, whatever length it declared.

    It stands before the handlers that keep the files in memory or write them to disk.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > settings.MAX_REQUEST_SIZE:
            raise RequestDataTooBig("The files are larger than MAX_REQUEST_SIZE.")
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def has_nul(values: QueryDict) -> bool:
    """Return whether a name or a value contains a NUL character."""
    return any(NUL in text for name, texts in values.lists() for text in (name, *texts))


def _has_nul_cookie(request: HttpRequest) -> bool:
    return any(NUL in value for value in request.COOKIES.values())


def _refused(request: HttpRequest, status: int, text: str) -> HttpResponse:
    # Not an exception: each would write a traceback into the log.
    if request.path_info.startswith(problems.PREFIX):
        is_large = status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        limit = settings.MAX_REQUEST_SIZE // 1024
        with translation.override(translation.get_language_from_request(request)):
            return problems.page(BodyTooLarge(limit=limit) if is_large else BadRequest())
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
