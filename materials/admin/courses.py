# mypy: allow-subclassing-any, allow-any-generics
"""Training courses, and who has read them."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import LargeTable, ReadOnlyAdmin, value_column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search
from materials import services
from materials.admin.publishing import STATE
from materials.admin.texts import TextAdmin
from materials.models import Course, CourseReading
from members.models import User
from members.search import keys_of_person


@admin.register(Course)
class CourseAdmin(TextAdmin):
    list_display = [
        "title", "is_required", "audience_text", "status_badge", "version", "readers",
        "published_at",
    ]  # fmt: skip
    list_filter = [("status", ChoicesDropdownFilter), ("audience", ChoicesDropdownFilter)]
    search_fields = ["title"]
    sortable_by = ()
    autocomplete_fields = ["material"]
    fields = [
        "title", "summary", "text", "preview", "material", "audience", "lowest_level",
        "is_required", "position", *STATE, "readers",
    ]  # fmt: skip
    readonly_fields = ["preview", *STATE, "readers"]
    readers = value_column(_("readers of this version"), "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        rows: QuerySet[Course] = super().get_queryset(request)
        current = Q(readings__version=F("version"))
        return rows.annotate(number=Count("readings", filter=current))

    @action_button(
        _("Publish"),
        question=_("It is the next version, which those whom it is for have not read yet."),
        done=_("The course is published."),
        permission="publish",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Course, *, by: User, at: datetime) -> None:
        services.publish_course(course=row, by=by, at=at)

    @action_button(
        _("Withdraw"),
        question=_("Members no longer see it. Who has read it stays on record."),
        done=_("The course is withdrawn."),
        permission="publish",
        form=ReasonForm,
        icon="visibility_off",
    )
    def withdraw(self, row: Course, *, reason: str, by: User, at: datetime) -> None:
        services.withdraw_course(course=row, reason=reason, by=by, at=at)


@admin.register(CourseReading)
class CourseReadingAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["member", "course", "version", "read_at"]
    date_fields = ["read_at"]
    sort_fields = ["read_at"]
    list_display_links = ["member"]
    list_select_related = ["member", "course"]
    list_filter = [("course", RelatedDropdownFilter)]
    search_fields = ["member"]
    search_help_text = _("Whole nickname or id of a member")
    search_related = {"member": keys_of_person}
    fields = ["member", "course", "version", "read_at"]
