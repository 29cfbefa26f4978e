# mypy: allow-subclassing-any, allow-any-generics
"""List differences, oldest first, until a person closes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import (
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
    label_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.timeline import format_moment
from closing import services
from closing.admin.subjects import subject_words, target_of
from closing.controls import format_amount
from closing.models import ControlRun, Difference
from common import clock
from members.models import User

STATES = {"open": _("open"), "gone": _("no longer present"), "closed": _("closed")}
STATE_COLOURS = {"open": "danger", "gone": "warning", "closed": "success"}


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "closed":
            return queryset.filter(closed_at__isnull=False)
        if self.value() in STATES:
            is_open = self.value() == "open"
            return queryset.filter(closed_at=None, disappeared_at__isnull=is_open)
        return queryset


@admin.register(Difference)
class DifferenceAdmin(ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "control_now", "subject_text", "expected_amount", "found_amount", "age", "status_badge",
        "assignee",
    ]  # fmt: skip
    columns = ["day", "first_seen", "last_seen", "closed_at", "reason"]
    date_fields = ["day", "first_seen", "closed_at"]
    sort_fields = ["day", "first_seen", "last_seen"]
    list_display_links = ["control_now"]
    list_select_related = ["assignee"]
    list_filter = [("control", ChoicesDropdownFilter), StateFilter]
    search_fields = ["subject"]
    fields = [
        "control_now", "subject_link", "expected_amount", "found_amount", "day", "first_seen",
        "last_seen", "disappeared_at", "assignee", "closed_at", "closed_by", "reason",
    ]  # fmt: skip
    actions_detail = ["assign_to_me", "close"]
    control_now = label_column(_("control"), "control")
    ordering: Any = (F("closed_at").desc(nulls_first=True), "id")

    def is_open(self, row: Difference) -> bool:
        return row.closed_at is None

    @action_button(
        _("Assign to me"),
        question=_("You become the assignee, visible to others."),
        done=_("It is assigned to you."),
        icon="person_add",
    )
    def assign_to_me(self, row: Difference, *, by: User, at: datetime) -> None:
        services.assign_difference(difference=row, to=by, by=by, at=at)

    @action_button(
        _("Close the difference"),
        question=_("Explain the cause. If it still exists tomorrow, a new difference opens."),
        done=_("It is closed."),
        form=ReasonForm,
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def close(self, row: Difference, *, reason: str, by: User, at: datetime) -> None:
        services.close_difference(difference=row, reason=reason, by=by, at=at)

    def get_empty_text(self, request: HttpRequest) -> StrOrPromise:
        last = ControlRun.objects.finished().first()
        if last is None or last.ended_at is None:
            return _("No differences: the controls have not run yet.")
        return _("No differences · last controls %(time)s") % {"time": format_moment(last.ended_at)}

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        row: Any = super().get_object(request, *args, **kwargs)
        if row is not None:
            target = target_of(row.control, row.subject)
            row.subject_url = target.url(request.user) if target else ""
        return row

    @column(_("subject"))
    def subject_text(self, row: Any) -> str:
        return subject_words(row.subject)

    @column(_("subject"))
    def subject_link(self, row: Any) -> Any:
        if not row.subject_url:
            return subject_words(row.subject)
        words = subject_words(row.subject)
        return format_html('<a class="tf-link" href="{}">{}</a>', row.subject_url, words)

    @column(_("expected value"))
    def expected_amount(self, row: Difference) -> str:
        return format_amount(row.expected, control=row.control, subject=row.subject)

    @column(_("actual value"))
    def found_amount(self, row: Difference) -> str:
        return format_amount(row.actual, control=row.control, subject=row.subject)

    @column(_("days old"))
    def age(self, row: Difference) -> int:
        return ((row.closed_at or clock.now()) - row.first_seen).days

    @column(_("state"), label=STATE_COLOURS)
    def status_badge(self, row: Difference) -> tuple[str, str]:
        state = "closed" if row.closed_at else "gone" if row.disappeared_at else "open"
        return state, str(STATES[state])
