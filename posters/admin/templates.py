# mypy: allow-subclassing-any, allow-any-generics
"""Templates of posters: a list, and a page whose button opens the editor."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import NOTHING, ModelAdmin, column, label_column
from catalog.admin.industries import IndustryMixin
from common import clock
from common.media import public_url
from posters import services
from posters.admin.editor import EditorMixin
from posters.models import PosterTemplate

FIELDS = ["name", "kind", "industry", "is_active", "sort"]
CHANGEABLE = ["name", "industry", "is_active", "sort"]
BLANK: dict[str, Any] = {
    "v": 1,
    "name": "",
    "tokens": {"primary": "#E23A3E", "ink": "#222222", "soft": "#FDEEEA"},
    "canvas": {"w": 1080, "h": 1920, "bg": "$soft"},
    "elements": [
        {"id": "card", "type": "rect", "x": 60, "y": 1560, "w": 960, "h": 300, "radius": 32,
         "fill": "#FFFFFF"},
        {"id": "qr", "type": "qrcode", "text": "{{share.qr}}", "x": 720, "y": 1570, "w": 280,
         "h": 280},
    ],
}  # fmt: skip
"""The start of a template that is like no other."""


class NewTemplateForm(forms.ModelForm):
    like = forms.ModelChoiceField(
        PosterTemplate.objects.filter(versions__isnull=False).distinct(),
        label=_("start from"), required=False, empty_label=_("an empty poster"),
        widget=UnfoldAdminSelectWidget,
        help_text=_("The latest version of this template is copied."),
    )  # fmt: skip

    class Meta:
        model = PosterTemplate
        fields = ["code", "kind", "name", "industry"]


@admin.register(PosterTemplate)
class PosterTemplateAdmin(EditorMixin, IndustryMixin, ModelAdmin):
    list_display = [
        "thumbnail",
        "name",
        "kind_text",
        "industry_text",
        "is_active",
        "sort",
        "version",
    ]
    list_display_links = ["thumbnail", "name"]
    list_select_related = ["current_version"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    search_fields = ["name", "code"]
    sortable_by = ()
    ordering = ["kind", "sort", "id"]
    change_form_before_template = "admin/posters/open_editor.html"
    kind_text = label_column(_("kind"), "kind")

    def get_fields(self, request: HttpRequest, obj: PosterTemplate | None = None) -> list[str]:
        if obj is None:
            return ["code", "kind", "name", "industry", "like"]
        return ["thumbnail", "code", *FIELDS, "version"]

    def get_readonly_fields(
        self, request: HttpRequest, obj: PosterTemplate | None = None
    ) -> list[str]:
        return ["thumbnail", "code", "kind", "version"] if obj else []

    def get_form(
        self, request: HttpRequest, obj: PosterTemplate | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewTemplateForm
        return super().get_form(request, obj, *args, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # posters refer to it: switch it off

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by_and_at: dict[str, Any] = {"by": request.user, "at": clock.now()}
        values = form.cleaned_data
        if change:
            changes = {name: values[name] for name in CHANGEABLE if name in values}
            services.change_template(template=obj, **changes, **by_and_at)
            return
        source = values.get("like")
        document = source.versions.latest("number").document if source else BLANK
        created = services.create_template(
            code=values["code"], kind=values["kind"], name=values["name"],
            industry=values["industry"], document={**document, "name": values["name"]},
            **by_and_at,
        )  # fmt: skip
        obj.pk, obj.public_id = created.pk, created.public_id

    def response_add(
        self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        super().response_add(request, obj, *args, **kwargs)  # its message
        return HttpResponseRedirect(self.url("editor", obj.pk))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:  # fmt: skip
        context = {
            **(extra_context or {}),
            "editor_url": self.url("editor", object_id) if object_id else "",
        }
        return super().changeform_view(request, object_id, form_url, context)

    @column(_("poster"))
    def thumbnail(self, template: PosterTemplate) -> str:
        version = template.current_version
        if version is None or not version.thumbnail:
            return NOTHING
        return format_html(
            '<img class="poster-thumbnail" src="{}" alt="" width="54" height="96" loading="lazy">',
            public_url(version.thumbnail),
        )

    @column(_("published version"))
    def version(self, template: PosterTemplate) -> str:
        return str(template.current_version.number) if template.current_version else NOTHING
