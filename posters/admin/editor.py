# mypy: allow-subclassing-any
"""The visual editor of a template: a page, and the calls of its script."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from backoffice.office import NO_STORE
from common.errors import TwotierError
from posters.admin import calls, schema_form, words
from posters.models import PosterTemplate

NAME = "editor"
CALLS: dict[str, tuple[str, calls.Call]] = {
    "preview": ("view_postertemplate", calls.preview),
    "check": ("view_postertemplate", calls.check_document),
    "save": ("change_postertemplate", calls.save),
    "publish": ("publish_postertemplate", calls.publish),
}
"""The calls of the script, and the permission that each needs."""


class EditorMixin:
    """Adds the editor to the pages of templates."""

    admin_site: Any
    opts: Any
    get_object: Any
    url: Callable[..., str]

    def get_urls(self) -> list[Any]:
        urls: list[Any] = super().get_urls()  # type: ignore[misc]  # of the model admin
        own = [
            self.editor_path("", "", self.editor_page),
            self.editor_path("version", "version/<int:number>/", self.editor_version),
            *(
                self.editor_path(name, f"{name}/", partial(self.editor_call, permission, call))
                for name, (permission, call) in CALLS.items()
            ),
        ]
        return [*own, *urls]

    def editor_path(self, name: str, tail: str, view: Callable[..., HttpResponse]) -> Any:
        return path(
            f"<path:object_id>/{NAME}/{tail}",
            self.admin_site.admin_view(view),
            name=f"{self.opts.app_label}_{self.opts.model_name}_{_url_name(name)}",
        )

    def editor_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the editor; without the permission to change, one that only shows."""
        template = self.editor_row(request, object_id, "view_postertemplate")
        return TemplateResponse(
            request,
            "admin/posters/editor.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": str(template),
                "original": template,
                "back": self.url("change", template.pk),
                "samples": words.samples(),
                "editor": self.editor_data(request, template),
            },
            headers=NO_STORE,
        )

    def editor_data(self, request: HttpRequest, template: PosterTemplate) -> dict[str, Any]:
        """Return what the script starts with."""
        latest = template.versions.latest("number")
        current = template.current_version
        return {
            "document": latest.document,
            "number": latest.number,
            "current": current.number if current else 0,
            "versions": calls.versions_of(template),
            "types": schema_form.element_types(),
            "forms": schema_form.forms(),
            "words": words.words(),
            "rights": {
                name: request.user.has_perm(f"posters.{name}_postertemplate")
                for name in ("change", "publish")
            },
            "urls": {
                **{name: self.url(_url_name(name), template.pk) for name in CALLS},
                "version": self.url(_url_name("version"), template.pk, 0),
            },
        }

    def editor_version(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        template = self.editor_row(request, object_id, "view_postertemplate")
        version = template.versions.filter(number=number).first()
        if version is None:
            raise Http404
        return JsonResponse({"number": number, "document": version.document})

    def editor_call(
        self, permission: str, call: calls.Call, request: HttpRequest, object_id: str
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponse(status=405, headers={"Allow": "POST"})
        template = self.editor_row(request, object_id, permission)
        try:
            return JsonResponse(call(request, template, calls.body_of(request)))
        except TwotierError as error:
            return JsonResponse(calls.refusal(error), status=error.status)

    def editor_row(self, request: HttpRequest, object_id: str, permission: str) -> PosterTemplate:
        if not request.user.has_perm(f"posters.{permission}"):
            raise PermissionDenied
        template = self.get_object(request, unquote(object_id))
        if not isinstance(template, PosterTemplate):
            raise Http404(_("This no longer exists."))
        return template


def _url_name(name: str) -> str:
    return f"{NAME}_{name}" if name else NAME
