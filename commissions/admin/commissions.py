# mypy: allow-subclassing-any, allow-any-generics
"""Commissions, with an explanation of each."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import LargeTable, ReadOnlyAdmin, column
from backoffice.search import Search
from commissions.admin.simulation import render_sentences
from commissions.explanations import explain
from commissions.explanations.amounts import amount
from commissions.explanations.report import state
from commissions.models import Commission
from distribution.models import Distributor
from orders.models import OrderLine

STATUS_COLORS = {"pending": "info", "protected": "warning", "credited": "success", "void": "danger"}


def search_commissions(term: str) -> QuerySet[Commission]:
    """Find commissions by a whole order number, or a distributor's whole nickname or code."""
    lines = OrderLine.objects.filter(order__number=term).values_list("pk", flat=True)
    people = Distributor.objects.filter(Q(code=term) | Q(member__nickname=term))
    distributors = people.values_list("pk", flat=True)
    return Commission.objects.filter(
        Q(line__in=list(lines)) | Q(distributor__in=list(distributors))
    )


class CommissionColumns:
    """Columns of rows with a commission, which ``commission_of`` returns."""

    @staticmethod
    def commission_of(row: Any) -> Commission:
        commission: Commission = row.commission
        return commission

    @column(_("order"))
    def order(self, row: Any) -> str:
        return str(self.commission_of(row).line.order)

    @column(_("line"))
    def line_number(self, row: Any) -> int:
        return int(self.commission_of(row).line.number)

    @column(_("tier"))
    def tier_number(self, row: Any) -> int:
        return int(self.commission_of(row).tier)

    @column(_("distributor"))
    def distributor_name(self, row: Any) -> str:
        return str(self.commission_of(row).distributor)


@admin.register(Commission)
class CommissionAdmin(CommissionColumns, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "order", "line_number", "tier_number", "distributor_name", "original_amount",
        "current_amount", "state", "release_at",
    ]  # fmt: skip
    list_display_links = ["order"]
    list_select_related = ["line__order", "distributor__member"]
    list_filter = [("asset", ChoicesDropdownFilter), ("status", ChoicesDropdownFilter)]
    search_fields = ["pk"]
    search_help_text = _("Whole order number, or a distributor's nickname or code")
    fields = [
        "order", "line_number", "tier_number", "distributor_name", "plan", "original_amount",
        "current_amount", "status_label", "accrued_at", "release_at", "settlement", "explanation",
    ]  # fmt: skip

    @staticmethod
    def commission_of(row: Any) -> Commission:
        commission: Commission = row
        return commission

    def search(self, rows: QuerySet[Commission], term: str) -> QuerySet[Commission]:
        return rows & search_commissions(term)

    @column(_("original amount"))
    def original_amount(self, commission: Commission) -> str:
        return amount(commission.original, commission.asset)

    @column(_("current amount"))
    def current_amount(self, commission: Commission) -> str:
        return amount(commission.current, commission.asset)

    @column(_("status"))
    def status_label(self, commission: Commission) -> str:
        return str(self.state(commission)[1])

    @column(_("status"), label=STATUS_COLORS)
    def state(self, commission: Commission) -> tuple[str, str]:
        return commission.state, state(commission.state)

    @column(_("explanation"))
    def explanation(self, commission: Commission) -> str:
        lines = {line.number: line for line in explain(commission.line.order)}
        return render_sentences(lines[commission.line.number].tiers[commission.tier - 1].sentences)
