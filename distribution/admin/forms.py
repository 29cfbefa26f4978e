# mypy: allow-subclassing-any, allow-any-generics
"""Write application forms, and publish them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.enums import ActionVariant

from backoffice.base import ModelAdmin
from backoffice.dialogs import action_button
from distribution import services
from distribution.models import ApplicationForm, Question
from members.models import User


class QuestionInline(StackedInline):
    model = Question
    extra = 0
    fields = [("position", "required"), ("key", "kind"), "label", "help_text", "choices"]


@admin.register(ApplicationForm)
class ApplicationFormAdmin(ModelAdmin):
    """A form may be edited until it is published. A new version is a new row."""

    list_display = ["title", "version", "published_at"]
    fields = ["title", "version", "published_at"]
    readonly_fields = ["version", "published_at"]
    inlines = [QuestionInline]
    actions_detail = ["publish"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or obj.published_at is None
        return is_draft and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is not None and obj.published_at is None
        return is_draft and bool(super().has_delete_permission(request, obj))

    def has_publish_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("distribution.change_applicationform"))

    def hidden_buttons(self, row: ApplicationForm, by: Any) -> Collection[str]:
        return ["publish"] if row.published_at else super().hidden_buttons(row, by)

    @action_button(
        _("Publish"),
        question=_("Members answer this version at once, and it never changes."),
        done=_("The form is published."),
        permission="publish",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: ApplicationForm, *, by: User, at: datetime) -> None:
        services.publish_form(form=row, by=by, at=at)
