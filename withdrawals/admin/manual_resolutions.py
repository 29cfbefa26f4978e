# mypy: allow-subclassing-any, allow-any-generics
"""Proposals on payouts that the provider no longer reports; a second person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import LargeTable, ReadOnlyAdmin, column, yuan_column
from backoffice.dialogs import ProposalButtons, action_button
from members.models import User
from withdrawals import services
from withdrawals.models import ManualResolution
from withdrawals.permissions import FINANCE


@admin.register(ManualResolution)
class ManualResolutionAdmin(ProposalButtons, LargeTable, ReadOnlyAdmin):
    list_display = ["attempt", "member", "yuan", "says", "reason", "status_badge", "proposer"]
    columns = ["proposed_at", "decider", "decided_at"]
    date_fields = ["proposed_at"]
    chips = ["status"]
    sort_fields = ["proposed_at"]
    list_display_links = ["attempt"]
    list_select_related = ["attempt", "member", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["attempt__out_bill_no"]
    fields = [
        "attempt", "member", "yuan", "says", "reason", "evidence", "status_text", "proposer",
        "proposed_at", "decider", "decided_at",
    ]  # fmt: skip
    actions_detail = ["agree", "refuse"]
    hidden_from_proposer = ("agree",)  # the proposer may withdraw it
    yuan = yuan_column(_("amount"), "attempt.amount")

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(FINANCE))

    @action_button(
        _("Agree"),
        question=_(
            "The provider is queried once more. If it has no record of the payout, this "
            "resolution applies. Check the proof first."
        ),
        done=_("The payout is resolved."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def agree(self, row: ManualResolution, *, by: User, at: datetime) -> None:
        services.resolve_manually(manual_resolution=row, by=by, at=at)

    @action_button(
        _("Refuse"),
        question=_("No money moves."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: ManualResolution, *, by: User, at: datetime) -> None:
        services.refuse_manual_resolution(manual_resolution=row, by=by, at=at)

    @column(_("result on the provider's statement"))
    def says(self, row: ManualResolution) -> str:
        return str(_("was paid") if row.paid else _("was not paid"))
