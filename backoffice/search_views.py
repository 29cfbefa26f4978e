"""Answer the palette and the pickers with lists of links; both only read."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backoffice import site_search
from backoffice.office import NO_STORE


@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Return everything that the term finds and this person may see."""
    term = site_search.clean_term(request.GET.get("q", ""))
    groups = site_search.find_everywhere(request, term)
    return _answer(request, "admin/backoffice/found.html", {"term": term, "groups": groups})


@require_GET
def pick(request: HttpRequest, name: str) -> HttpResponse:
    """Return the rows that a picker offers for the term."""
    source = site_search.source_of(name)
    if source is None:
        raise Http404
    if not request.user.has_perm(source.permission):
        raise PermissionDenied
    term = site_search.clean_term(request.GET.get("q", ""))
    hits = site_search.find(name, term)
    return _answer(request, "admin/backoffice/picker_hits.html", {"term": term, "hits": hits})


def _answer(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, template, context)
    for name, value in NO_STORE.items():
        response.headers[name] = value
    return response
