"""The addresses of a version's own pages, each with the right that opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from incentives.admin import back_test, compare, live_check, publication, simulation
from incentives.admin.version_state import EDIT, PUBLISH, TRY
from incentives.models import Version

VIEW = ("incentives.view_version", *TRY)
View = Callable[..., HttpResponse]
PAGES: tuple[tuple[str, str, tuple[str, ...], View], ...] = (
    ("check", "<int:key>/check/", (EDIT,), live_check.check),
    ("simulate", "<int:key>/simulate/", TRY, simulation.show),
    ("back_test", "<int:key>/back-test/", TRY, back_test.show),
    ("back_test_progress", "<int:key>/back-test/<str:test>/", TRY, back_test.progress),
    ("compare", "<int:key>/compare/", VIEW, compare.show),
    ("submit", "<int:key>/submit/", (EDIT,), publication.submit_page),
    ("return", "<int:key>/return/", TRY, publication.return_page),
    ("publish", "<int:key>/publish/", (PUBLISH,), publication.publish_page),
)
"""Name, address, rights (any of them is enough) and view; all of one version."""


def list_url() -> str:
    return reverse("admin:incentives_incentive_changelist")


def routes(admin: Any) -> list[Any]:
    return [
        path(
            address,
            admin.admin_site.admin_view(partial(_open, admin, rights, view)),
            name=f"incentives_version_{name}",
        )
        for name, address, rights, view in PAGES
    ]


def _open(
    admin: Any, rights: tuple[str, ...], view: View, request: HttpRequest, key: int, **kwargs: Any
) -> HttpResponse:
    if not any(map(request.user.has_perm, rights)):
        raise PermissionDenied
    rows = Version.objects.select_related("incentive", "submitted_by", "published_by")
    row = rows.filter(pk=key).first()
    if row is None:
        messages.warning(request, _("This no longer exists."))
        return HttpResponseRedirect(list_url())
    response = view(request, row, **kwargs)
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        response.context_data = {
            **admin.admin_site.each_context(request), "opts": admin.opts, "version": row,
            "original": row, "back": admin.url("change", row.pk), **response.context_data,
        }  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
