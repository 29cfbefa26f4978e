"""Proposed links between staff and members."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
)
from unfold.enums import ActionVariant

from backoffice.base import ReadOnlyAdmin
from backoffice.dialogs import ProposalButtons, action_button
from members.models import StaffLinkProposal, User
from members.staff_links import agree_to_staff_link, refuse_staff_link


@admin.register(StaffLinkProposal)
class StaffLinkProposalAdmin(ProposalButtons, ReadOnlyAdmin):
    """Which member a staff user is. Both people are superusers."""

    list_display = ["user", "member", "reason", "status_badge", "proposer", "proposed_at"]
    date_fields = ["proposed_at"]
    chips = ["status"]
    list_select_related = ["user", "member", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter)]
    fields = [
        "user", "member", "reason", "status_text", "proposer", "proposed_at", "decider",
        "decided_at",
    ]  # fmt: skip
    actions_detail = ["agree", "refuse"]
    hidden_from_proposer = ("agree",)  # the proposer may withdraw it

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return request.user.has_perm("members.change_stafflinkproposal")

    @action_button(
        _("Agree"),
        question=_(
            "The staff user is linked to this member, and a link never changes. Make sure that they"
            " are the same person."
        ),
        done=_("The staff user is linked."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def agree(self, row: StaffLinkProposal, *, by: User, at: datetime) -> None:
        agree_to_staff_link(proposal=row, by=by, at=at)

    @action_button(
        _("Refuse"),
        question=_("The staff user is not linked."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: StaffLinkProposal, *, by: User, at: datetime) -> None:
        refuse_staff_link(proposal=row, by=by, at=at)
