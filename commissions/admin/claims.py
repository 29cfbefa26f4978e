# mypy: allow-subclassing-any, allow-any-generics
"""Claims of distributors: the open ones first, by deadline, then the others, the latest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    column,
    label_column,
    status_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.panels import PanelsMixin
from backoffice.search import Search
from commissions.models import Claim
from commissions.services import claims as services
from members.models import User
from members.thumbnails import thumbnails
from orders.search import has_number

CLAIM_COLOURS = {"open": "warning", "accepted": "success", "rejected": "info"}


@admin.register(Claim)
class ClaimAdmin(ButtonsOnly, PanelsMixin, Search, LargeTable, ReadOnlyAdmin):
    list_display = ["order_number", "member", "reason_text", "status_badge", "opened_at", "due_at"]
    columns = ["answered_at", "public_id"]
    date_fields = ["opened_at", "due_at", "answered_at"]
    chips = ["status", "reason"]
    sort_fields = ["opened_at", "due_at"]
    list_select_related = ["member"]
    # Open ones have no answer, and null is the highest value.
    ordering = ("-answered_at", "due_at", "-id")
    list_filter = [("status", ChoicesDropdownFilter), ("reason", ChoicesDropdownFilter)]
    search_fields = ["order_number"]
    search_help_text = _("Start or end of the order number")
    fields = [
        "order_number", "member", "commission", "reason_text", "text", "pictures", "opened_at",
        "due_at", "status_text", "answer", "answered_by", "answered_at",
    ]  # fmt: skip
    actions_detail = ["accept", "reject"]
    reason_text = label_column(_("reason"), "reason")
    status_text = label_column(_("status"), "status")
    status_badge = status_column(CLAIM_COLOURS)

    def search(self, rows: QuerySet[Claim], term: str) -> QuerySet[Claim]:
        return rows.filter(has_number(term, "order_number"))

    def is_open(self, row: Claim) -> bool:
        return row.status == Claim.Status.OPEN

    @column(_("pictures"))
    def pictures(self, row: Claim) -> str:
        return thumbnails(row.pictures) or NOTHING

    @action_button(
        _("Accept"),
        question=_(
            "The member reads your answer. No money moves: correct the order, or propose an"
            " adjustment of the wallet."
        ),
        done=_("The claim is accepted."),
        form=ReasonForm,
        back_to_list=True,
        icon="check",
    )
    def accept(self, row: Claim, *, reason: str, by: User, at: datetime) -> Any:
        services.answer_claim(claim=row, outcome=Claim.Status.ACCEPTED, answer=reason, by=by, at=at)

    @action_button(
        _("Reject"),
        question=_("The member reads your answer."),
        done=_("The claim is rejected."),
        form=ReasonForm,
        back_to_list=True,
        icon="close",
    )
    def reject(self, row: Claim, *, reason: str, by: User, at: datetime) -> Any:
        services.answer_claim(claim=row, outcome=Claim.Status.REJECTED, answer=reason, by=by, at=at)
