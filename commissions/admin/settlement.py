# mypy: allow-subclassing-any, allow-any-generics
"""What waits to be credited, what is held and why, what was credited, and what was taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from commissions.admin.commissions import CommissionColumns, search_commissions
from commissions.explanations.amounts import amount
from commissions.models import Clawback, CommissionHold, DueCredit, Settlement
from commissions.services.holds import retry
from common.admin import LargeTable, ReadOnlyAdmin, column
from common.dialogs import decision
from members.models import User


class _CommissionRelatedAdmin(CommissionColumns, LargeTable, ReadOnlyAdmin):
    list_display_links = ["order"]
    list_select_related = ["commission__line__order", "commission__distributor__member"]
    search_fields = ["pk"]
    search_help_text = _("Whole order number, or a distributor's nickname or code")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (
            queryset.filter(commission__in=search_commissions(term)) if term else queryset
        ), False


@admin.register(DueCredit)
class DueCreditAdmin(_CommissionRelatedAdmin):
    list_display = ["order", "line_number", "tier_number", "distributor_name", "sum", "release_at"]
    list_filter = [("asset", ChoicesDropdownFilter)]
    ordering = ("bucket", "account_id", "pk")
    fields = ["order", "line_number", "tier_number", "distributor_name", "sum", "release_at"]

    @column(_("amount"))
    def sum(self, due: DueCredit) -> str:
        return amount(due.amount, due.asset)


@admin.register(CommissionHold)
class CommissionHoldAdmin(_CommissionRelatedAdmin):
    list_display = [
        "order", "line_number", "tier_number", "distributor_name", "sum", "reason_label", "detail", "since",
    ]  # fmt: skip
    list_filter = [("reason", ChoicesDropdownFilter)]
    fields = [
        "order",
        "line_number",
        "tier_number",
        "distributor_name",
        "sum",
        "reason",
        "detail",
        "since",
    ]
    actions_detail = ["retry"]

    def has_retry_permission(self, request: HttpRequest, _row: Any = None) -> bool:
        return bool(request.user.has_perm("commissions.change_commissionhold"))

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        held = self.get_object(request, unquote(str(object_id)))
        if held is None or held.reason != CommissionHold.Reason.FAULT:
            return []
        found: list[Any] = super().get_actions_detail(request, object_id)
        return found

    @decision(
        _("Try again"),
        question=_("It goes back into the queue, and is credited within a minute if it can be."),
        done=_("It is in the queue again, unless something else holds it too."),
        permission="retry",
        back_to_list=True,
        icon="refresh",
    )
    def retry(self, row: CommissionHold, *, by: User, at: datetime) -> None:
        retry(commission_hold=row, by=by, at=at)

    @column(_("amount"))
    def sum(self, held: CommissionHold) -> str:
        return amount(held.commission.current, held.commission.asset)

    @column(
        _("reason"),
        label={"after_sale": "warning", "frozen": "info", "risk": "warning", "fault": "danger"},
    )
    def reason_label(self, held: CommissionHold) -> tuple[str, str]:
        return held.reason, str(CommissionHold.Reason(held.reason).label)


@admin.register(Clawback)
class ClawbackAdmin(_CommissionRelatedAdmin):
    list_display = [
        "at",
        "refund",
        "order",
        "line_number",
        "tier_number",
        "distributor_name",
        "sum",
    ]
    list_display_links = ["at"]
    list_select_related = [
        "refund", "commission__line__order", "commission__distributor__member",
    ]  # fmt: skip
    fields = ["at", "refund", "order", "line_number", "tier_number", "distributor_name", "sum"]

    @column(_("amount"))
    def sum(self, clawback: Clawback) -> str:
        return amount(clawback.amount, clawback.commission.asset)


@admin.register(Settlement)
class SettlementAdmin(LargeTable, ReadOnlyAdmin):
    list_display = ["at", "count", "public_id"]
    list_display_links = ["at"]
    search_fields = ["public_id"]
    search_help_text = _("Whole id")
    fields = ["at", "count", "public_id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Settlement], search_term: str
    ) -> tuple[QuerySet[Settlement], bool]:
        term = search_term.strip()
        return (queryset.filter(public_id=term) if term else queryset), False
