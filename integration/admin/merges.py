"""Merges of members: propose, look at what would happen, decide."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import ReadOnlyAdmin, column
from backoffice.dialogs import ProposalButtons, action_button
from backoffice.fields import text_field
from backoffice.pages import Page, PagesMixin, Preview
from common import clock
from integration.merge_preview import preview_lines, preview_merge
from integration.merges import (
    DECIDE_PERMISSION,
    PROPOSE_PERMISSION,
    merge_members,
    propose_merge,
    refuse_merge,
)
from members.models import Member, MemberMerge, User
from members.search import MemberField


class MergeForm(forms.Form):
    merged = MemberField(label=_("member to be merged"))
    survivor = MemberField(label=_("surviving member"))
    reason = text_field(_("reason"))


@admin.register(MemberMerge)
class MemberMergeAdmin(ProposalButtons, PagesMixin, ReadOnlyAdmin):
    list_display = ["merged", "survivor", "reason", "status_badge", "proposer", "proposed_at"]
    date_fields = ["proposed_at"]
    chips = ["status"]
    list_select_related = ["merged", "survivor", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter)]
    fields = [
        "merged", "survivor", "reason", "status_text", "what_happens", "proposer", "proposed_at",
        "source", "decider", "decided_at",
    ]  # fmt: skip
    actions_detail = ["propose_told", "agree", "refuse"]
    hidden_from_proposer = ("agree",)  # the proposer may withdraw it

    def hidden_buttons(self, row: MemberMerge, by: User) -> list[str]:
        if row.proposer_id is None:  # a client of the API told it
            return ["agree"]
        return ["propose_told", *super().hidden_buttons(row, by)]

    def has_propose_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(PROPOSE_PERMISSION))

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(DECIDE_PERMISSION))

    @column(_("what would happen now"))
    def what_happens(self, row: MemberMerge) -> str:
        if not self.is_open(row):
            return "–"
        preview = preview_merge(merged=row.merged, survivor=row.survivor, at=clock.now())
        return format_html_join("", "{}<br>", ((line,) for line in preview_lines(preview)))

    def preview_proposal(self, *, merged: Member, survivor: Member, reason: str) -> Preview:
        preview = preview_merge(merged=merged, survivor=survivor, at=clock.now())
        lines = preview_lines(preview)
        token = hashlib.sha256("\n".join([*lines, reason]).encode()).hexdigest()
        return Preview(token, lines, "" if preview.obstacles else _("Propose to merge"))

    def do_propose(self, **given: Any) -> Any:
        propose_merge(**given)
        return _("The merge is proposed. Another person decides.")

    pages = (
        Page(
            "propose", _("Propose to merge"), PROPOSE_PERMISSION, MergeForm, run=do_propose,
            preview=preview_proposal,
            intro=_(
                "For one person with two ids. The survivor keeps the upline and gets ids, money and"
                " team of the other. Another person has to agree. A merge cannot be undone."
            ),
        ),
    )  # fmt: skip

    @action_button(
        _("Propose to merge"),
        question=_(
            "Make sure that both are the same person. Your proposal replaces what the mall told,"
            " and another person decides."
        ),
        done=_("The merge is proposed. Another person decides."),
        permission="propose",
        back_to_list=True,
        icon="call_merge",
        variant=ActionVariant.PRIMARY,
    )
    def propose_told(self, row: MemberMerge, *, by: User, at: datetime) -> None:
        propose_merge(merged=row.merged, survivor=row.survivor, reason=row.reason, by=by, at=at)

    @action_button(
        _("Agree and merge"),
        question=_(
            "Ids, money and team go to the survivor at once, and this cannot be undone. Make sure"
            " that both are the same person."
        ),
        done=_("The members are merged."),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def agree(self, row: MemberMerge, *, by: User, at: datetime) -> None:
        merge_members(proposal=row, by=by, at=at)

    @action_button(
        _("Refuse"),
        question=_("The members stay two."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: MemberMerge, *, by: User, at: datetime) -> None:
        refuse_merge(proposal=row, by=by, at=at)
