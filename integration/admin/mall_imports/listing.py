# mypy: allow-subclassing-any, allow-any-generics
"""The history of imports of a mall, and those that wait for a second person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice import office, queues
from backoffice.base import ReadOnlyAdmin, column, label_column, status_column
from backoffice.queues import Queue
from integration.mall_imports.preparing import PREPARE, START
from integration.models import MallImport

COLOURS = {
    "draft": "info", "checking": "info", "faulty": "danger", "ready": "warning",
    "running": "info", "stopped": "danger", "done": "success",
}  # fmt: skip
LIMIT = timedelta(days=2)


@admin.register(MallImport)
class MallImportAdmin(ReadOnlyAdmin):
    list_display = [
        "desk", "status_badge", "progress", "by", "at", "starter", "started_at", "finished_at",
    ]  # fmt: skip
    list_display_links = None
    list_select_related = ["by", "starter"]
    list_before_template = "admin/backoffice/links.html"
    date_fields = ["at"]
    chips = ["status"]
    sort_fields = ["at"]
    fields = [
        "desk", "status_text", "progress", "failure_text", "by", "at", "checked_at", "starter",
        "started_at", "finished_at", "files_removed_at",
    ]  # fmt: skip
    empty_text = _("No mall was imported yet.")
    empty_icon = "move_to_inbox"
    status_badge = status_column(COLOURS)
    status_text = label_column(_("status"), "status")

    @column(_("name"))
    def desk(self, row: MallImport) -> SafeString:
        """Lead to the page on which people work with the import."""
        url = office.url("mall_import", row.public_id)
        return format_html('<a href="{}" class="text-link">{}</a>', url, row)

    @column(_("failure"))
    def failure_text(self, row: MallImport) -> str:
        return row.failure_text or "–"

    @column(_("events"))
    def progress(self, row: MallImport) -> str:
        return f"{row.events_done:,} / {row.events_total:,}" if row.events_total else "–"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        links = [
            {"title": _("Import a mall"), "url": office.url("import_mall"),
             "variant": "primary", "posts": False}
        ] if request.user.has_perm(PREPARE) else []  # fmt: skip
        context = {**(extra_context or {}), "pages": links}
        response: HttpResponse = super().changelist_view(request, context)
        return response


def waiting(user: Any) -> QuerySet[MallImport]:
    """Return what a colleague has prepared, or what has stopped: one's own waits for others."""
    status = MallImport.Status
    return MallImport.objects.filter(status__in=[status.READY, status.STOPPED]).exclude(by=user)


queues.register(
    Queue(
        name="mall_imports", title=_("imports of a mall to start"), icon="move_to_inbox",
        model="integration.mallimport", permission=START, waiting=waiting, since="checked_at",
        limit=LIMIT, order=80,
    )
)  # fmt: skip
