# mypy: allow-subclassing-any, allow-any-generics
"""How the shop pays out, and why it may say no."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.validators import MinValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from commissions.admin.fields import PercentField
from common import clock
from common.admin import ModelAdmin, YuanField, column
from common.money import format_yuan
from withdrawals import services
from withdrawals.models import Policy, RejectionReason

YUAN = {
    "min_amount": _("In yuan."),
    "max_amount": _("In yuan, at a time."),
    "max_per_day": _("In yuan, of one member."),
    "max_per_month": _("In yuan, of one member."),
    "second_finance_threshold": _("In yuan. Empty: one is always enough."),
    "id_number_threshold": _("In yuan, of a member's income in a month."),
}


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    """One row, changed on the record."""

    list_display = [
        "__str__",
        "min_amount_yuan",
        "max_amount_yuan",
        "review_hours",
        "ready_days",
        "regime",
    ]
    fieldsets = [
        (
            _("Limits"),
            {"fields": ["min_amount", "max_amount", "max_per_day", "max_per_month", "fee"]},
        ),
        (
            _("Reviews"),
            {"fields": ["review_hours", "second_finance_threshold", "ready_days"]},
        ),
        (_("Tax"), {"fields": ["regime", "regime_version", "id_number_threshold"]}),
    ]
    readonly_fields = ["regime_version"]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        name = db_field.name
        if name in YUAN:
            min_amount = MinValueValidator(1, message=_("The amount must be above 0."))
            return YuanField(
                label=db_field.verbose_name, help_text=YUAN[name], required=not db_field.null,
                validators=[min_amount],
            )  # fmt: skip
        if name == "fee":
            return PercentField(
                label=db_field.verbose_name, help_text=_("In percent of the amount; rounded down.")
            )
        return super().formfield_for_dbfield(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by: Any = request.user
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change_policy(by=by, at=clock.now(), **changes)

    @column(_("min_amount"))
    def min_amount_yuan(self, row: Policy) -> str:
        return format_yuan(row.min_amount)

    @column(_("max_amount"))
    def max_amount_yuan(self, row: Policy) -> str:
        return format_yuan(row.max_amount)


@admin.register(RejectionReason)
class ReasonAdmin(ModelAdmin):
    list_display = ["label", "code", "is_active"]
    search_fields = ["label", "code"]
    fields = ["code", "label", "is_active"]
