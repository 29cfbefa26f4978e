# mypy: allow-subclassing-any, allow-any-generics
"""What was proposed about bills of which the provider tells nothing; a second person decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from common.admin import LargeTable, ReadOnlyAdmin, column
from common.dialogs import ProposalButtons, decision
from common.money import format_yuan
from members.models import User
from withdrawals import services
from withdrawals.models import ManualResolution
from withdrawals.permissions import FINANCE


@admin.register(ManualResolution)
class ManualResolutionAdmin(ProposalButtons, LargeTable, ReadOnlyAdmin):
    list_display = ["attempt", "member", "yuan", "says", "reason", "state", "proposer"]
    list_display_links = ["attempt"]
    list_select_related = ["attempt", "member", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["attempt__out_bill_no"]
    fields = [
        "attempt", "member", "yuan", "says", "reason", "evidence", "status_label", "proposer",
        "proposed_at", "decider", "decided_at",
    ]  # fmt: skip
    actions_detail = ["agree", "refuse"]
    hidden_from_proposer = ("agree",)  # who has proposed it may take it back

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(FINANCE))

    @decision(
        _("Agree"),
        question=_(
            "The provider is asked once more. If it knows nothing of it, the bill counts as it is"
            " said here: look at the proof first."
        ),
        done=_("It is concluded."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def agree(self, row: ManualResolution, *, by: User, at: datetime) -> None:
        services.resolve_manually(manual_resolution=row, by=by, at=at)

    @decision(
        _("Refuse"),
        question=_("Nothing moves."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: ManualResolution, *, by: User, at: datetime) -> None:
        services.refuse_manual_resolution(manual_resolution=row, by=by, at=at)

    @column(_("amount"))
    def yuan(self, row: ManualResolution) -> str:
        return format_yuan(row.attempt.amount)

    @column(_("what the provider's bill says"))
    def says(self, row: ManualResolution) -> str:
        return str(_("was paid") if row.paid else _("was not paid"))
