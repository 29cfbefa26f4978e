"""The addresses of a plan's own pages, each with the right that opens it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from commissions.admin import back_test, compare, live_check, product_panel, publication, simulation
from commissions.admin.plan_state import TRY
from commissions.models import Plan

VIEW = ("commissions.view_plan", *TRY)
EDIT = ("commissions.change_plan",)
View = Callable[..., HttpResponse]
PAGES: tuple[tuple[str, str, tuple[str, ...], View], ...] = (
    ("simulate", "<int:key>/simulate/", TRY, simulation.show),
    ("back_test", "<int:key>/back-test/", TRY, back_test.show),
    ("back_test_progress", "<int:key>/back-test/<str:test>/", TRY, back_test.progress),
    ("compare", "<int:key>/compare/", VIEW, compare.show),
    ("submit", "<int:key>/submit/", EDIT, publication.submit_page),
    ("return", "<int:key>/return/", TRY, publication.return_page),
    ("publish", "<int:key>/publish/", ("commissions.publish_plan",), publication.publish_page),
)
"""Name, address, rights of which one is enough, and view; all of one plan."""


def routes(admin: Any) -> list[Any]:
    site = admin.admin_site
    propose = site.admin_view(partial(product_panel.propose, admin))
    return [
        path("check/", site.admin_view(live_check.check), name="commissions_plan_check"),
        path("propose/<int:product>/", propose, name="commissions_plan_propose"),
        *(
            path(
                address,
                site.admin_view(partial(_open, admin, rights, view)),
                name=f"commissions_plan_{name}",
            )
            for name, address, rights, view in PAGES
        ),
    ]


def _open(
    admin: Any, rights: tuple[str, ...], view: View, request: HttpRequest, key: int, **kwargs: Any
) -> HttpResponse:
    if not any(map(request.user.has_perm, rights)):
        raise PermissionDenied
    plan = Plan.objects.select_related("reviewer", "submitted_by", "published_by").filter(pk=key)
    row = plan.first()
    if row is None:
        messages.warning(request, _("This no longer exists."))
        return HttpResponseRedirect(admin.url("changelist"))
    response = view(request, row, **kwargs)
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        response.context_data = {
            **admin.admin_site.each_context(request), "opts": admin.opts, "plan": row,
            "original": row, "back": admin.url("change", row.pk), **response.context_data,
        }  # fmt: skip
    response.headers["Cache-Control"] = "no-store"
    return response
