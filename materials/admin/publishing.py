# mypy: allow-subclassing-any, allow-any-generics
"""Buttons and form of materials and courses: rows that members see cannot be edited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest

from backoffice.base import ModelAdmin, label_column, status_column
from common import clock
from materials.models import Published

WITHDRAWAL = ["withdrawn_at", "withdrawn_by", "withdrawal_reason"]
STATE = ["status_text", "version", "published_at", "published_by", *WITHDRAWAL]
Status = Published.Status


class PublishedAdmin(ModelAdmin):
    """A row may be edited until it is published, and again once it is withdrawn."""

    actions_detail = ["publish", "withdraw"]
    button_statuses: ClassVar = {
        "publish": Published.COMES_FROM[Status.PUBLISHED],
        "withdraw": Published.COMES_FROM[Status.WITHDRAWN],
    }
    status_text = label_column(Published._meta.get_field("status").verbose_name, "status")
    status_badge = status_column({"draft": "info", "published": "success", "withdrawn": "warning"})
    audience_text = label_column(Published._meta.get_field("audience").verbose_name, "audience")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the fields of the form, without read-only fields that are empty."""
        if obj is None:
            return [name for name in self.fields if name not in self.readonly_fields]
        hidden = [] if obj.status == Status.WITHDRAWN else WITHDRAWAL
        return [name for name in self.fields if name not in hidden]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or not obj.is_published
        return is_open and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_new = obj is not None and obj.version == 0
        return is_new and bool(super().has_delete_permission(request, obj))

    def has_publish_permission(self, request: HttpRequest, *_row: Any) -> bool:
        # Not has_change_permission, which a published row does not have.
        return bool(request.user.has_perm(f"materials.change_{self.opts.model_name}"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if not change:
            obj.created_at = clock.now()
        super().save_model(request, obj, form, change)
