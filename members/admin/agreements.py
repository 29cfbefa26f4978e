"""Write agreements, and publish them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import ModelAdmin
from backoffice.dialogs import action_button
from members.agreements import publish_agreement
from members.models import Agreement, User


@admin.register(Agreement)
class AgreementAdmin(ModelAdmin):
    """A text may be edited until it is published. A new version is a new row."""

    list_display = ["kind", "version", "title", "published_at"]
    list_display_links = ["kind", "version"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    fields = ["kind", "version", "title", "text", "published_at"]
    readonly_fields = ["version", "published_at"]
    actions_detail = ["publish"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_draft = obj is None or obj.published_at is None
        return is_draft and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and self.has_change_permission(request, obj)

    def has_publish_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm("members.change_agreement"))

    def hidden_buttons(self, row: Agreement, by: Any) -> Collection[str]:
        return ["publish"] if row.published_at else super().hidden_buttons(row, by)

    @action_button(
        _("Publish"),
        question=_(
            "This version is in force at once and never changes. Clients ask members to accept it."
        ),
        done=_("The agreement is published."),
        permission="publish",
        icon="publish",
        variant=ActionVariant.PRIMARY,
    )
    def publish(self, row: Agreement, *, by: User, at: datetime) -> None:
        publish_agreement(agreement=row, by=by, at=at)
