# mypy: allow-subclassing-any, allow-any-generics
"""All closes of periods, with their awards; people confirm at the desk."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice import menu
from backoffice.base import (
    NOTHING,
    LargeTable,
    ReadOnlyAdmin,
    column,
    status_column,
    value_column,
    yuan_column,
)
from backoffice.menu import Link
from backoffice.search import Search
from incentives.admin.closings_queue import winners_of
from incentives.admin.names import with_incentive_name
from incentives.admin.pools import pool_context
from incentives.due_periods import version_of_period
from incentives.models import PeriodClosing, Version

CLOSING_COLOURS = {"counting": "info", "waiting": "warning", "final": "success"}


@admin.register(PeriodClosing)
class PeriodClosingAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "incentive_text", "first_day", "status_badge", "awards", "amount_text", "closed_at",
    ]  # fmt: skip
    columns = ["confirmed_by", "confirmed_at", "public_id"]
    date_fields = ["closed_at", "confirmed_at"]
    chips = ["status"]
    sort_fields = ["closed_at"]
    list_select_related = ["confirmed_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Words of the name, or whole id")
    fields = [
        "incentive_text", "first_day", "closed_at", "status", "awards", "amount_text",
        "confirmed_by", "confirmed_at", "winners", "pool_text", "public_id",
    ]  # fmt: skip
    empty_text = _("No period of an incentive has been closed yet.")
    status_badge = status_column(CLOSING_COLOURS)
    amount_text = yuan_column(_("worth of all awards"), "amount")
    first_day = value_column(_("period from"), "period_start", str)

    def get_queryset(self, *args: object) -> QuerySet[PeriodClosing]:
        rows: QuerySet[PeriodClosing] = super().get_queryset(*args)
        return with_incentive_name(rows)

    def search(self, rows: QuerySet[PeriodClosing], term: str) -> QuerySet[PeriodClosing]:
        named = Version.objects.filter(incentive=OuterRef("incentive"), name__icontains=term)
        return rows.filter(Q(Exists(named)) | Q(public_id=term.lower()))

    def heading(self, row: Any) -> str:
        version = version_of_period(row.incentive_id, row.period_start)
        return f"{version.name} · {row.period_start:%Y-%m-%d}"

    @column(_("incentive"))
    def incentive_text(self, row: PeriodClosing) -> str:
        return row.incentive_name or NOTHING  # type: ignore[attr-defined]

    @column(_("awards"))
    def winners(self, row: PeriodClosing) -> str:
        table = winners_of(version_of_period(row.incentive_id, row.period_start), row)
        return render_to_string("admin/backoffice/table.html", {"table": table})

    @column(_("team pool"))
    def pool_text(self, row: PeriodClosing) -> str:
        context = pool_context(version_of_period(row.incentive_id, row.period_start), row)
        return render_to_string("admin/incentives/pool.html", context) if context else NOTHING


menu.register("incentives", (_("Closed periods"), "emoji_events", "incentives.periodclosing"))
menu.register_link(
    "marketing", Link(_("Closed periods"), "emoji_events", "incentives.periodclosing", 38)
)
