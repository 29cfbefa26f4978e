# mypy: allow-subclassing-any
"""The records of exports and imports, and the page of one's own exports."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice import (
    export_pages,
    import_result,
    imports,
    menu,
    settings_pages,  # noqa: F401 - registers its pages
)
from backoffice.base import NOTHING, LargeTable, ReadOnlyAdmin, column, status_column
from backoffice.models import Export, Import

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
        return export_pages.list_title(export.label)


@admin.register(Import)
class ImportAdmin(LargeTable, ReadOnlyAdmin):
    """Who imported which file, and what it changed."""

    list_display = [
        "at", "kind_name", "file_name", "by", "new", "changed", "wrong", "status_badge",
    ]  # fmt: skip
    list_select_related = ["by"]
    date_fields = ["at"]
    chips = ["status"]
    fields = [
        "at", "by", "kind_name", "file_name", "sha256", "rows", "new", "changed", "unchanged",
        "wrong", "status", "checked_at", "confirmed_by", "confirmed_at", "skips_wrong", "applied",
        "finished_at", "notice_text", "public_id",
    ]  # fmt: skip
    readonly_fields = ["kind_name", "notice_text"]
    status_badge = status_column(import_result.COLOURS)

    @column(_("what is imported"))
    def kind_name(self, row: Import) -> Any:
        kind = imports.find(row.kind)
        return kind.title if kind else row.kind

    @column(_("what has happened"))
    def notice_text(self, row: Import) -> str:
        return row.notice_text or NOTHING


menu.register(
    "system",
    (_("Exports"), "download", "backoffice.export"),
    (_("Imports"), "upload", "backoffice.import"),
)
