# mypy: allow-subclassing-any, allow-any-generics
"""Recommendations that the shop offers, and those that members wrote."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import ModelAdmin, label_column
from catalog.admin.industries import IndustryMixin
from common import clock
from posters.models import RecommendationLine
from posters.queries import industry_of
from posters.services.lines import tidy
from sharing.targets import Target
from sharing.wording import WordsForbidden, require_allowed_words

Source = RecommendationLine.Source


class LineForm(forms.ModelForm):
    def clean_text(self) -> str:
        return tidy(self.cleaned_data["text"])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        product = values.get("product")
        target = Target("product", product.public_id if product else "")
        industry = industry_of(target, at=clock.now()) or values.get("industry", "")
        try:
            require_allowed_words(values.get("text", ""), industry)
        except WordsForbidden as error:
            raise ValidationError({"text": str(error)}) from None
        return values


@admin.register(RecommendationLine)
class RecommendationLineAdmin(IndustryMixin, ModelAdmin):
    """Operations write those of products and those that suit any; members' are looked at."""

    form = LineForm
    list_display = ["text", "source_text", "product", "industry_text", "member", "is_active"]
    list_select_related = ["product", "member"]
    list_filter = [("source", ChoicesDropdownFilter)]
    search_fields = ["text"]
    sortable_by = ()
    ordering = ["-id"]
    fields = ["text", "product", "industry", "is_active"]
    raw_id_fields = ["product"]
    source_text = label_column(_("source"), "source")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_members = isinstance(obj, RecommendationLine) and obj.source == Source.DISTRIBUTOR
        return not is_members and bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and bool(super().has_delete_permission(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.source = Source.PRODUCT if obj.product_id else Source.SUGGESTED
        if change:
            obj.save(update_fields=["text", "product", "industry", "is_active", "source"])
        else:
            obj.save()
