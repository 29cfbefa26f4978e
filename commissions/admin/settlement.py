# mypy: allow-subclassing-any, allow-any-generics
"""Due credits, held commissions, settlements and clawbacks."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import LargeTable, ReadOnlyAdmin, column, status_column
from backoffice.dialogs import decision
from backoffice.search import Search
from commissions.admin.commissions import CommissionColumns, search_commissions
from commissions.explanations.amounts import amount
from commissions.models import Clawback, CommissionHold, DueCredit, Settlement
from commissions.services.holds import retry
from members.models import User


class _CommissionRelatedAdmin(CommissionColumns, Search, LargeTable, ReadOnlyAdmin):
    list_display_links = ["order"]
    list_select_related = ["commission__line__order", "commission__distributor__member"]
    search_fields = ["pk"]
    search_help_text = _("Whole order number, or a distributor's nickname or code")
    search_related: ClassVar = {"commission": search_commissions}


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
        "order", "line_number", "tier_number", "distributor_name", "sum", "reason_label", "detail",
        "since",
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
    reason_label = status_column(
        {"after_sale": "warning", "frozen": "info", "risk": "warning", "fault": "danger"},
        _("reason"),
        "reason",
    )

    def is_open(self, row: CommissionHold) -> bool:
        return row.reason == CommissionHold.Reason.FAULT

    def has_retry_permission(self, request: HttpRequest, _row: Any = None) -> bool:
        return bool(request.user.has_perm("commissions.change_commissionhold"))

    @decision(
        _("Try again"),
        question=_("It returns to the queue and, if possible, is credited within a minute."),
        done=_("It is in the queue again, unless another hold applies."),
        permission="retry",
        back_to_list=True,
        icon="refresh",
    )
    def retry(self, row: CommissionHold, *, by: User, at: datetime) -> None:
        retry(commission_hold=row, by=by, at=at)

    @column(_("amount"))
    def sum(self, held: CommissionHold) -> str:
        return amount(held.commission.current, held.commission.asset)


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
class SettlementAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["at", "count", "public_id"]
    list_display_links = ["at"]
    search_fields = ["public_id"]
    search_help_text = _("Whole id")
    search_exact = ("public_id",)
    fields = ["at", "count", "public_id"]
