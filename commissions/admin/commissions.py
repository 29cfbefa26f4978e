# mypy: allow-subclassing-any, allow-any-generics
"""Commissions, with an explanation of each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.base import LargeTable, ReadOnlyAdmin, column, value_column
from backoffice.panels import PanelsMixin
from backoffice.search import Search, spellings
from commissions.admin.explanations import render_sentences
from commissions.explanations import explain, report
from commissions.models import Commission
from distribution.models import Distributor
from ledger.columns import AssetTotals, amount_column
from orders.models import OrderLine

STATUS_COLOURS = {
    "pending": "info", "protected": "warning", "credited": "success", "void": "danger",
}  # fmt: skip
COMMISSION = ("order", "line_number", "tier_number", "distributor_name")
"""The columns that identify a commission."""


def search_commissions(term: str) -> QuerySet[Commission]:
    """Find commissions by a whole order number, or a distributor's whole nickname or code."""
    lines = OrderLine.objects.filter(order__number__in=spellings(term)).values_list("pk", flat=True)
    people = Distributor.objects.filter(Q(code=term.lower()) | Q(member__nickname=term))
    distributors = people.values_list("pk", flat=True)
    return Commission.objects.filter(
        Q(line__in=list(lines)) | Q(distributor__in=list(distributors))
    )


class StateFilter(DropdownFilter):
    """Filters by the status for people, in which nothing that is void has another status."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, report.state(name)) for name in (*Commission.Status, Commission.VOID)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == Commission.VOID:
            return queryset.filter(current=0)
        return queryset.filter(status=self.value(), current__gt=0) if self.value() else queryset


class SearchByCommission(Search):
    search_fields = ("pk",)  # shows the search box; search_related does the search
    search_help_text = _("Whole order number, or a distributor's nickname or code")
    search_related: ClassVar = {"commission": search_commissions}


@admin.register(Commission)
class CommissionAdmin(PanelsMixin, AssetTotals, SearchByCommission, LargeTable, ReadOnlyAdmin):
    list_display = [*COMMISSION, "original_amount", "current_amount", "status_badge", "release_at"]
    columns = ["asset", "plan", "accrued_at"]
    date_fields = ["accrued_at", "release_at"]
    amount_fields = sum_fields = ["original", "current"]
    amounts_need_dates = True
    chips = ["state"]
    sort_fields = ["accrued_at"]
    sort_with_dates = ["original", "current", "release_at"]
    list_display_links = ["order"]
    list_select_related = ["line__order", "distributor__member"]
    list_filter = [("asset", ChoicesDropdownFilter), StateFilter]
    search_related: ClassVar = {"pk": search_commissions}
    fields = [
        *COMMISSION, "plan", "original_amount", "current_amount", "status_text", "accrued_at",
        "release_at", "settlement", "explanation",
    ]  # fmt: skip
    order = value_column(_("order"), "line.order")
    line_number = value_column(_("line"), "line.number")
    tier_number = value_column(_("tier"), "tier")
    distributor_name = value_column(_("distributor"), "distributor")
    original_amount = amount_column(_("original amount"), "original")
    current_amount = amount_column(_("current amount"), "current")
    status_text = value_column(_("status"), "state", report.state)

    @column(_("status"), label=STATUS_COLOURS)
    def status_badge(self, commission: Commission) -> tuple[str, str]:
        return commission.state, report.state(commission.state)

    @column(_("explanation"))
    def explanation(self, commission: Commission) -> str:
        lines = {line.number: line for line in explain(commission.line.order)}
        return render_sentences(lines[commission.line.number].tiers[commission.tier - 1].sentences)
