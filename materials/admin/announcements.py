# mypy: allow-subclassing-any, allow-any-generics
"""Announcements to members and distributors."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.dialogs import ReasonForm, action_button
from materials import services
from materials.admin.publishing import STATE
from materials.admin.texts import TextAdmin
from materials.models import Announcement
from members.models import User


@admin.register(Announcement)
class AnnouncementAdmin(TextAdmin):
    list_display = [
        "title", "audience_text", "lowest_level", "is_pinned", "starts_at", "ends_at",
        "status_badge", "published_at",
    ]  # fmt: skip
    list_select_related = ["lowest_level"]
    list_filter = [("status", ChoicesDropdownFilter), ("audience", ChoicesDropdownFilter)]
    chips = ["status"]
    date_fields = ["published_at"]
    search_fields = ["title"]
    sortable_by = ()
    fields = [
        "title", "text", "preview", "audience", "lowest_level", "is_pinned", "starts_at",
        "ends_at", *STATE,
    ]  # fmt: skip
    readonly_fields = ["preview", *STATE]

    @action_button(
        _("Publish"),
        question=_("Those whom it is for see it from its start to its end."),
        done=_("The announcement is published."),
        permission="publish",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Announcement, *, by: User, at: datetime) -> None:
        services.publish_announcement(announcement=row, by=by, at=at)

    @action_button(
        _("Withdraw"),
        question=_("Members no longer see it. It can be changed and published again."),
        done=_("The announcement is withdrawn."),
        permission="publish",
        form=ReasonForm,
        icon="visibility_off",
    )
    def withdraw(self, row: Announcement, *, reason: str, by: User, at: datetime) -> None:
        services.withdraw_announcement(announcement=row, reason=reason, by=by, at=at)
