# mypy: allow-any-generics
"""The policy of applications and bindings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.fields import YuanField
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting, days, people, yuan
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


NO_LIMIT = _("not used")
register(
    "distribution.policy",
    Setting("applications", _("Counts for those who apply from now on.")),
    Setting(
        "fast_track_spend", _("Counts for those who apply from now on."), yuan, NO_LIMIT,
    ),
    Setting(
        "fast_track_buyers", _("Counts for those who apply from now on."), people, NO_LIMIT,
    ),
    Setting("binding_trigger", _("Counts for visits and orders from now on.")),
    Setting("binding_audience", _("Counts for visits and orders from now on.")),
    Setting(
        "binding_days", _("Counts for bindings that begin from now on."), days, _("forever"),
    ),
    Setting("renewed_by_orders", _("Counts for orders from now on, of all bindings with an end.")),
    Setting(
        "poach_after_days", _("Counts at once, for bindings that exist, too."), days,
        _("not allowed"),
    ),
)  # fmt: skip
