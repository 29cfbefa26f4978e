"""The words that distributors may not publish."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import ModelAdmin
from catalog.admin.industries import IndustryMixin
from sharing.models import ForbiddenWord


@admin.register(ForbiddenWord)
class ForbiddenWordAdmin(IndustryMixin, ModelAdmin):
    list_display = ["word", "industry_text", "reason"]
    list_filter = [("reason", ChoicesDropdownFilter)]
    list_per_page = 200
    sortable_by = ()
    ordering = ["industry", "word"]
    search_fields = ["word", "industry"]
    search_help_text = _("Part of a word or of an industry")
    fields = ["word", "industry", "reason"]
