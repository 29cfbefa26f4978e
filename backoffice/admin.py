# mypy: allow-subclassing-any
"""The record of exports, and the page of one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice import (
    export_pages,  # noqa: F401 - registers its pages
    export_tables,
    menu,
    settings_pages,  # noqa: F401 - registers its pages
)
from backoffice.base import LargeTable, ReadOnlyAdmin, column, status_column
from backoffice.models import Export

STATUS_COLOURS = {
    "waiting": "info", "running": "info", "done": "success", "failed": "danger",
    "removed": "info",
}  # fmt: skip


@admin.register(Export)
class ExportAdmin(LargeTable, ReadOnlyAdmin):
    """Who took which list out of the system, with which filters."""

    list_display = ["at", "by", "list_name", "format", "rows", "status_badge"]
    list_select_related = ["by"]
    date_fields = ["at"]
    chips = ["status"]
    fields = [
        "at", "by", "list_name", "query", "columns", "format", "rows", "status",
        "finished_at", "failure", "public_id",
    ]  # fmt: skip
    status_badge = status_column(STATUS_COLOURS)

    @column(_("list"))
    def list_name(self, export: Export) -> Any:
        title = menu.title_of(export.label) or export_tables.title_of(export.label)
        return title or export.label


menu.register("system", (_("Exports"), "download", "backoffice.export"))
