# mypy: allow-any-generics
"""The policy of applications and bindings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.base import SettingsAdmin
from backoffice.fields import YuanField
from distribution import services
from distribution.models import Policy


class PolicyForm(forms.ModelForm):
    fast_track_spend = YuanField(
        label=_("fast track by protected spend"), required=False,
        help_text=_(
            "In yuan. Applicants with this much protected spend need no review. Empty: not used."
        ),
    )  # fmt: skip


@admin.register(Policy)
class PolicyAdmin(SettingsAdmin):
    form = PolicyForm
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
