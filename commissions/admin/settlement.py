# mypy: allow-subclassing-any, allow-any-generics
"""Due credits, held commissions, settlements and changes of credited commissions."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import (
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    column,
    status_column,
    value_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search
from commissions.admin.commissions import COMMISSION, SearchByCommission
from commissions.models import CommissionChange, CommissionHold, DueCredit, Settlement
from commissions.services import decide_closed_order, holds
from ledger.columns import AssetTotals, amount_column
from members.models import User
from orders.models import ClosureDecision

BUTTONS: dict[str, tuple[str, ...]] = {
    CommissionHold.Reason.FAULT: ("retry",),
    CommissionHold.Reason.CLOSED: ("credit_closed_order", "treat_as_refunded"),
}
"""The buttons of a held commission, by the reason why it is held."""


class _CommissionRelatedAdmin(SearchByCommission, LargeTable, ReadOnlyAdmin):
    list_display_links = ["order"]
    list_select_related = ["commission__line__order", "commission__distributor__member"]
    order = value_column(_("order"), "commission.line.order")
    line_number = value_column(_("line"), "commission.line.number")
    tier_number = value_column(_("tier"), "commission.tier")
    distributor_name = value_column(_("distributor"), "commission.distributor")


@admin.register(DueCredit)
class DueCreditAdmin(AssetTotals, _CommissionRelatedAdmin):
    list_display = fields = [*COMMISSION, "sum", "release_at"]
    date_fields = ["release_at"]
    amount_fields = sum_fields = ["amount"]
    amounts_need_dates = True
    chips = ["asset"]
    list_filter = [("asset", ChoicesDropdownFilter)]
    ordering = ("bucket", "account_id", "pk")
    sum = amount_column(_("amount"), "amount")


@admin.register(CommissionHold)
class CommissionHoldAdmin(ButtonsOnly, _CommissionRelatedAdmin):
    list_display = [*COMMISSION, "sum", "reason_label", "detail", "since"]
    date_fields = ["since"]
    chips = ["reason"]
    sort_fields = ["since"]
    list_filter = [("reason", ChoicesDropdownFilter)]
    fields = [*COMMISSION, "sum", "reason", "detail", "since"]
    actions_detail = ["retry", "credit_closed_order", "treat_as_refunded"]
    sum = amount_column(_("amount"), "commission.current", "commission.asset")
    reason_label = status_column(
        {
            "after_sale": "warning",
            "frozen": "info",
            "risk": "warning",
            "fault": "danger",
            "closed": "warning",
            "conflict": "warning",
        },
        _("reason"),
        "reason",
    )

    def is_open(self, row: CommissionHold) -> bool:
        return row.reason in BUTTONS

    def hidden_buttons(self, row: CommissionHold, by: Any) -> Collection[str]:
        return {*itertools.chain(*BUTTONS.values())} - set(BUTTONS.get(row.reason, ()))

    @action_button(
        _("Try again"),
        question=_("It returns to the queue and, if possible, is credited within a minute."),
        done=_("It is in the queue again, unless another hold applies."),
        back_to_list=True,
        icon="refresh",
    )
    def retry(self, row: CommissionHold, *, by: User, at: datetime) -> None:
        holds.retry(commission_hold=row, by=by, at=at)

    @action_button(
        _("Credit"),
        question=_(
            "The order was closed after its payment. All its commissions are credited when their"
            " protection ends."
        ),
        done=_("Its commissions are credited when their protection ends."),
        form=ReasonForm,
        back_to_list=True,
        icon="check",
    )
    def credit_closed_order(
        self, row: CommissionHold, *, reason: str, by: User, at: datetime
    ) -> None:
        _decide(row, ClosureDecision.Outcome.CREDIT, reason=reason, by=by, at=at)

    @action_button(
        _("Treat as refunded"),
        question=_(
            "The order was closed after its payment. Everything that is left of it counts as"
            " refunded, and its commissions become void."
        ),
        done=_("The order counts as refunded, and its commissions are void."),
        form=ReasonForm,
        back_to_list=True,
        icon="undo",
    )
    def treat_as_refunded(
        self, row: CommissionHold, *, reason: str, by: User, at: datetime
    ) -> None:
        _decide(row, ClosureDecision.Outcome.REFUND, reason=reason, by=by, at=at)


def _decide(
    row: CommissionHold, outcome: ClosureDecision.Outcome, *, reason: str, by: User, at: datetime
) -> None:
    order = row.commission.line.order
    decide_closed_order(order=order, outcome=outcome, reason=reason, by=by, at=at)


@admin.register(CommissionChange)
class CommissionChangeAdmin(AssetTotals, _CommissionRelatedAdmin):
    list_display = fields = ["at", "refund", *COMMISSION, "sum", "credited_at"]
    date_fields = ["at"]
    sum_fields = ["delta"]
    sum_by = "commission__asset"
    sort_fields = ["at"]
    sort_with_dates = ["delta"]
    list_display_links = ["at"]
    list_select_related = [
        "refund", "settlement", *_CommissionRelatedAdmin.list_select_related,
    ]  # fmt: skip
    sum = amount_column(_("change"), "delta", "commission.asset")

    @column(_("credited at"))
    def credited_at(self, row: CommissionChange) -> datetime | None:
        return row.settlement.at if row.settlement else None


@admin.register(Settlement)
class SettlementAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = fields = ["at", "count", "public_id"]
    date_fields = ["at"]
    sort_fields = ["at"]
    sort_with_dates = ["count"]
    list_display_links = ["at"]
    search_fields = ["public_id"]
    search_help_text = _("Whole id")
    search_exact = ("public_id",)
