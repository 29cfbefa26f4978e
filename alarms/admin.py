# mypy: allow-subclassing-any, allow-any-generics
"""List alarms, open ones first, and the runs of periodic jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AbstractUser
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from alarms import digest_page, messages, queries, services  # noqa: F401 - registers its page
from alarms.job_titles import title_of
from alarms.kinds import REGISTRY
from alarms.models import Alarm, Job
from backoffice import header_notices, menu
from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    column,
    label_column,
    status_column,
    value_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.header_notices import Notice
from backoffice.references import link_to

COLOURS = {"open": "danger", "seen": "warning", "closed": "success"}


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(kind.code, kind.title) for kind in REGISTRY.values()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Alarm)
class AlarmAdmin(ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "name", "subject_reference", "status_badge", "count", "first_seen", "last_seen",
        "seen_by",
    ]  # fmt: skip
    columns = ["closed_at", "closed_by", "close_reason"]
    date_fields = ["first_seen", "last_seen", "closed_at"]
    chips = ["status"]
    sort_fields = ["first_seen", "last_seen", "count"]
    list_display_links = ["name"]
    list_filter = [("status", ChoicesDropdownFilter), KindFilter]
    ordering: Any = (F("closed_at").desc(nulls_first=True), "-id")
    fields = [
        "name", "advice", "subject_reference", "details", "status_text", "count", "first_seen",
        "last_seen", "notified_at", "seen_by", "seen_at", "closed_by", "closed_at", "close_reason",
    ]  # fmt: skip
    actions_row = ["mark_seen"]
    actions_detail = ["mark_seen", "close"]
    button_statuses = {"mark_seen": [Alarm.Status.OPEN]}
    name = value_column(_("alarm"), "name")
    status_text = label_column(_("state"), "status")
    status_badge = status_column(COLOURS, _("state"))

    def is_open(self, row: Alarm) -> bool:
        return row.status != Alarm.Status.CLOSED

    @action_button(
        _("Seen"),
        question=_("It is no longer sent every day. It stays on every page until it is closed."),
        done=_("It is marked as seen."),
        icon="visibility",
        back_to_list=True,
    )
    def mark_seen(self, row: Alarm, *, by: AbstractUser, at: datetime) -> None:
        services.mark_seen(alarm=row, by=by, at=at)

    @action_button(
        _("Close the alarm"),
        question=_("Explain what was done. If the cause persists, another alarm opens."),
        done=_("It is closed."),
        form=ReasonForm,
        icon="task_alt",
        back_to_list=True,
        variant=ActionVariant.PRIMARY,
    )
    def close(self, row: Alarm, *, reason: str, by: AbstractUser, at: datetime) -> None:
        services.dismiss(alarm=row, reason=reason, by=by, at=at)

    @column(_("what to do"))
    def advice(self, row: Alarm) -> str:
        return messages.advice(row) or NOTHING

    @column(_("subject"))
    def subject_reference(self, row: Alarm) -> Any:
        return link_to(row.subject_kind, row.subject_id)

    @column(_("detail"))
    def details(self, row: Alarm) -> str:
        return messages.detail(row) or NOTHING


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ["title", "started_at", "finished_at", "failed_at", "error"]
    title = value_column(_("job"), "name", title_of)
    ordering = ("name",)
    sortable_by = ()
    fields = ["title", "name", "since", "started_at", "finished_at", "failed_at", "error"]


menu.register(
    "system",
    (_("Alarms"), "notifications_active", "alarms.alarm"),
    (_("Periodic jobs"), "schedule", "alarms.job"),
)


@header_notices.register
def unclosed_alarms(_request: HttpRequest) -> Notice | None:
    """Return the number of alarms as a line for every page; nothing without one."""
    count = queries.count_unclosed()
    if not count:
        return None
    shown = f"{count - 1}+" if count >= queries.MAX_COUNT else str(count)
    return Notice(_("Alarms: %(count)s") % {"count": shown}, model="alarms.alarm")
