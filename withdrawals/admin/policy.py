# mypy: allow-subclassing-any, allow-any-generics
"""The payout policy and the reasons for rejections."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.base import ModelAdmin, yuan_column
from backoffice.fields import POSITIVE, PercentField, YuanField
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting, days, hours, yuan
from common.money import percent
from withdrawals import services
from withdrawals.models import Policy, RejectionReason

YUAN = {
    "min_amount": _("In yuan."),
    "max_amount": _("In yuan, per withdrawal."),
    "max_per_day": _("In yuan, per member."),
    "max_per_month": _("In yuan, per member."),
    "second_finance_threshold": _("In yuan. Empty: one finance reviewer is always enough."),
    "id_number_threshold": _("In yuan, of a member's income in a month."),
}


@admin.register(Policy)
class PolicyAdmin(SettingsAdmin):
    list_display = [
        "__str__", "min_amount_yuan", "max_amount_yuan", "review_hours", "ready_days", "regime",
    ]  # fmt: skip
    fieldsets = [
        (_("Limits"), {
            "fields": [
                "min_amount", "max_amount", "max_per_day", "max_per_month", "fee", "store_credit",
                "authorizations",
            ],
        }),
        (_("Reviews"), {"fields": ["review_hours", "second_finance_threshold", "ready_days"]}),
        (_("Tax"), {"fields": ["regime", "regime_version", "id_number_threshold"]}),
    ]  # fmt: skip
    readonly_fields = ["regime_version"]
    min_amount_yuan = yuan_column(_("minimum amount"), "min_amount")
    max_amount_yuan = yuan_column(_("maximum amount"), "max_amount")

    def apply_changes(self, row: Policy, changes: dict[str, Any], **by_and_at: Any) -> None:
        services.change_policy(**changes, **by_and_at)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        name = db_field.name
        if name in YUAN:
            return YuanField(
                label=db_field.verbose_name, help_text=YUAN[name], required=not db_field.null,
                validators=[POSITIVE],
            )  # fmt: skip
        if name == "fee":
            return PercentField(
                label=db_field.verbose_name, help_text=_("In percent of the amount; rounded down.")
            )
        return super().formfield_for_dbfield(db_field, request, **options)


NEW_REQUESTS = _("Counts for requests from now on; open ones stay as they are.")
AT_ONCE = _("Counts at once, for open requests, too.")
register(
    "withdrawals.policy",
    Setting("min_amount", NEW_REQUESTS, yuan),
    Setting("max_amount", NEW_REQUESTS, yuan),
    Setting("max_per_day", NEW_REQUESTS, yuan),
    Setting("max_per_month", NEW_REQUESTS, yuan),
    Setting("fee", NEW_REQUESTS, percent),
    Setting("store_credit", AT_ONCE),
    Setting("authorizations", _("Counts for members who want to allow it from now on.")),
    Setting("review_hours", _("Counts at once: the queues show later requests as late."), hours),
    Setting(
        "second_finance_threshold",
        _("Counts at once; a request that needs two reviewers already keeps them."), yuan,
        _("one is always enough"),
    ),
    Setting("ready_days", AT_ONCE, days),
    Setting("regime", _("Counts for everything that is not paid yet.")),
    Setting("id_number_threshold", NEW_REQUESTS, yuan),
)  # fmt: skip


@admin.register(RejectionReason)
class ReasonAdmin(ModelAdmin):
    list_display = ["label", "code", "is_active"]
    search_fields = ["label", "code"]
    fields = ["code", "label", "is_active"]
