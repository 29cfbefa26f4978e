# mypy: allow-any-generics
"""The order policy: its form, and its settings in words."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.base import value_column
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting, days
from orders import services
from orders.models import Policy


class PolicyForm(forms.ModelForm):
    class Meta:
        # Its law says the rest.
        help_texts: ClassVar = {"protection_days": _("From receipt.")}


@admin.register(Policy)
class PolicyAdmin(SettingsAdmin):
    """One row."""

    form = PolicyForm
    list_display = [
        "title", "protection_days", "self_purchase", "refund_alarm_days", "receipt_alarm_days",
        "assumed_receipt_days",
    ]  # fmt: skip
    list_display_links = ["title"]
    ordering = ["pk"]
    fields = [
        "protection_days", "self_purchase", "refund_alarm_days", "receipt_alarm_days",
        "assumed_receipt_days",
    ]  # fmt: skip
    title = value_column(_("settings"), "__str__", lambda name: name())

    def apply_changes(self, row: Policy, changes: dict[str, Any], **by_and_at: Any) -> None:
        services.change_policy(**changes, **by_and_at)


register(
    "orders.policy",
    Setting(
        "protection_days",
        _("Counts for orders that are received from now on; the others keep their days."),
        days,
    ),
    Setting("self_purchase", _("Counts for orders that arrive from now on.")),
    Setting("refund_alarm_days", _("Counts from the next hourly check."), days),
    Setting("receipt_alarm_days", _("Counts from the next hourly check."), days),
    Setting(
        "assumed_receipt_days",
        _("Counts from the next hourly check, for orders that are on their way, too."),
        days,
        _("never, it only raises an alarm"),
    ),
)
