"""Show the page for missing things: one answer, whatever the reason."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from h5.shells import ALWAYS_ASK, Shell, Summary, answer


def link_gone(request: HttpRequest) -> HttpResponse:
    """Answer to a code that opens nothing, without a hint whether it exists."""
    return _missing(
        request,
        _("This link opens nothing any more"),
        _("It may have expired. Ask the person who sent it for a new one."),
    )


def product_gone(request: HttpRequest) -> HttpResponse:
    return _missing(
        request,
        _("This product is not on sale"),
        _("The shop has taken it off, or the address is not complete."),
    )


def home_gone(request: HttpRequest) -> HttpResponse:
    return _missing(
        request,
        _("There is no such page"),
        _("The address is not complete, or the page is closed."),
    )


def _missing(request: HttpRequest, heading: str, text: str) -> HttpResponse:
    shell = Shell(
        template="gone",
        script="h5/gone.js",
        summary=Summary(title=heading),
        context={"heading": heading, "text": text},
        cache=ALWAYS_ASK,
        status=404,
        is_indexed=False,
    )
    return answer(request, shell)
