"""How the shop recruits and binds."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import clock
from common.admin import (
    ModelAdmin,
    YuanField,
)
from distribution import services
from distribution.models import (
    Policy,
)


@admin.register(Policy)
class PolicyAdmin(ModelAdmin):
    """One row, changed on the record."""

    list_display = [
        "__str__",
        "applications",
        "binding_trigger",
        "binding_audience",
        "binding_days",
        "poach_after_days",
    ]
    fieldsets = [
        (
            _("Becoming a distributor"),
            {"fields": ["applications", "fast_track_spend", "fast_track_buyers"]},
        ),
        (
            _("Binding"),
            {
                "fields": [
                    "binding_trigger",
                    "binding_audience",
                    "binding_days",
                    "renewed_by_orders",
                    "poach_after_days",
                ]
            },
        ),
    ]

    def has_add_permission(self, *args: Any) -> bool:
        return False

    def has_delete_permission(self, *args: Any) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "fast_track_spend":
            return YuanField(
                label=db_field.verbose_name,
                help_text=_(
                    "In yuan. Whoever has bought and kept this much needs no review. Empty: nobody."
                ),
                required=False,
            )
        return super().formfield_for_dbfield(db_field, request, **options)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by: Any = request.user
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change_policy(by=by, at=clock.now(), **changes)
