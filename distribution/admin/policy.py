"""The policy of applications and bindings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import SettingsAdmin
from backoffice.fields import YuanField
from distribution import services
from distribution.models import Policy


@admin.register(Policy)
class PolicyAdmin(SettingsAdmin):
    list_display = [
        "__str__", "applications", "binding_trigger", "binding_audience", "binding_days",
        "poach_after_days",
    ]  # fmt: skip
    fieldsets = [
        (_("Becoming a distributor"), {"fields": [
            "applications", "fast_track_spend", "fast_track_buyers",
        ]}),
        (_("Binding"), {"fields": [
            "binding_trigger", "binding_audience", "binding_days", "renewed_by_orders",
            "poach_after_days",
        ]}),
    ]  # fmt: skip

    def apply_changes(self, row: Policy, changes: dict[str, Any], **by_and_at: Any) -> None:
        services.change_policy(**changes, **by_and_at)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "fast_track_spend":
            return YuanField(
                label=db_field.verbose_name,
                help_text=_(
                    "In yuan. Applicants with this much protected spend need no review. Empty: not "
                    "used."
                ),
                required=False,
            )
        return super().formfield_for_dbfield(db_field, request, **options)
