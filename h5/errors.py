"""Answer errors outside of the API and the admin with a sentence and a way on."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from api import problems
from h5.shells import protect

OTHERS = (problems.PREFIX, "/admin/")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(OTHERS):
        return problems.handler404(request, exception)
    return _page(
        404,
        _("There is no such page"),
        _("The address is not complete, or the page is closed."),
    )


def handler500(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(OTHERS):
        return problems.handler500(request)
    return _page(
        500,
        _("Something went wrong on our side"),
        _("Nothing of what you did is lost. Try it again in a moment."),
    )


def _page(status: int, heading: str, text: str) -> HttpResponse:
    # No database and no scripts: they may be the cause.
    context: dict[str, Any] = {
        "heading": heading,
        "text": text,
        "language": get_language(),
        "may_repeat": status >= HTTPStatus.INTERNAL_SERVER_ERROR,
    }
    response = HttpResponse(render_to_string("h5/problem.html", context), status=status)
    response["Cache-Control"] = "no-store"
    return protect(response)
