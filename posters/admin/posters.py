# mypy: allow-subclassing-any, allow-any-generics
"""Posters of members, as they were drawn."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column, status_column
from common.media import public_url
from posters.models import Poster

COLOURS = {"ready": "success", "waiting": "info", "failed": "danger", "removed": "default"}


@admin.register(Poster)
class PosterAdmin(LargeTable, ReadOnlyAdmin):
    list_display = [
        "public_id", "member", "template", "share", "status_badge", "is_final", "requested_at",
    ]  # fmt: skip
    columns = ["drawn_at", "last_used_at"]
    date_fields = ["requested_at", "drawn_at"]
    chips = ["status"]
    sort_fields = ["requested_at"]
    list_select_related = ["member", "share", "template_version__template"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["public_id__exact", "share__code__exact", "member__public_id__exact"]
    search_help_text = _("The id of a poster, share or member")
    fields = [
        "picture", "public_id", "member", "share", "template", "size", "line", "status",
        "is_final", "attempts", "failure", "requested_at", "drawn_at", "last_used_at",
    ]  # fmt: skip
    readonly_fields = ["picture", "template"]
    status_badge = status_column(COLOURS)

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.defer("inputs", "template_version__document")

    @column(_("poster template"))
    def template(self, poster: Poster) -> str:
        return str(poster.template_version)

    @column(_("poster"))
    def picture(self, poster: Poster) -> str:
        if not poster.path:
            return NOTHING
        return format_html(
            '<a href="{0}"><img src="{0}" alt="" width="270" loading="lazy"></a>',
            public_url(poster.path),
        )
