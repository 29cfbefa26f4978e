"""Referrals and bindings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
)
from backoffice.dialogs import action_button
from backoffice.fields import text_field
from backoffice.impacts import ImpactForm
from backoffice.pages import Page, PagesMixin, Preview
from backoffice.panels import PanelsMixin
from backoffice.references import describe
from backoffice.search import Search
from common import clock
from distribution import queries, services
from distribution.admin.extending import Extending
from distribution.admin.search import DistributorField, search_distributors
from distribution.models import Binding, Distributor, Referral
from members.models import Member, User
from members.search import MemberField, search_members

MAX_SELECTED = 200
OUTCOMES = {
    "moves": _("moves to the new upline"),
    "binds": _("is bound to the new upline"),
    "same_upline": _("stays: bound to this upline already"),
    "too_late": _("stays: bound more than 30 days ago"),
    "circle": _("stays: the new upline is below this member"),
    "not_active": _("stays: the new upline is not active"),
}
HAS_UPLINE_TEXT = _("stays: has an upline already")


class UplineForm(ImpactForm):
    button = "distribution.binding.move"
    field_order = ("code", "reason")
    code = DistributorField(label=_("new upline"))

    def clean(self) -> dict[str, Any]:
        """Refuse what the service would refuse, while the dialog keeps what was typed."""
        values: dict[str, Any] = super().clean()
        if self.row and (upline := values.get("code")):
            [preview] = queries.preview_reassignment(
                members=[self.row.member], to=upline, at=clock.now()
            )
            if not preview.is_allowed:
                self.add_error("code", OUTCOMES[preview.outcome])
        return values


class LeaveForm(ImpactForm):
    button = "distribution.binding.leave"


class ReassignForm(forms.Form):
    """``UplineForm`` on a page, for many members."""

    code = DistributorField(label=_("new upline"))
    reason = text_field(_("reason"))


class AssignForm(ReassignForm):
    """The same for a member without an upline."""

    field_order = ("member", "code", "reason")
    member = MemberField()


class RunningFilter(DropdownFilter):  # type: ignore[misc]  # unfold brings no types
    title = _("state")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("running")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Binding]) -> QuerySet[Binding]:
        running = Binding.objects.running().filter(pk=OuterRef("pk"))
        wanted = {"yes": Exists(running), "no": ~Exists(running)}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(wanted)


@admin.register(Binding)
class BindingAdmin(
    Extending, PagesMixin, PanelsMixin, Search, ButtonsOnly, LargeTable, ReadOnlyAdmin
):
    list_display = [
        "member", "distributor", "source", "started_at", "expires_at", "ended_at", "end_reason",
    ]  # fmt: skip
    columns = ["public_id", "end_note"]
    date_fields = ["started_at", "expires_at", "ended_at"]
    chips = ["running"]
    sort_fields = ["started_at"]
    list_display_links = ["member"]
    list_select_related = ["member", "distributor__member"]
    list_filter = [
        RunningFilter,
        ("source", ChoicesDropdownFilter),
        ("end_reason", ChoicesDropdownFilter),
    ]
    list_disable_select_all = True
    search_fields = ["public_id"]
    search_help_text = _("Nickname, whole id, or whole invite code of the upline")
    fields = [
        "member", "distributor", "public_id", "source", "evidence",
        "started_at", "expires_at", "ended_at", "end_reason", "end_note",
    ]  # fmt: skip
    search_exact = ("public_id",)
    search_related: ClassVar = {"member": search_members, "distributor": search_distributors}
    actions = ["move_many", "extend_many"]
    actions_detail = ["extend", "move", "leave"]

    @column(_("evidence"))
    def evidence(self, row: Binding) -> str:
        return describe(row.evidence_kind, row.evidence_id) or NOTHING

    def is_open(self, row: Binding) -> bool:
        return row.ended_at is None and row.distributor.status != Distributor.Status.EXITED

    @action_button(
        _("Change upline"),
        question=_("Within 30 days of binding only. Orders placed before keep their upline."),
        done=_("The member has a new upline."),
        form=UplineForm,
        icon="swap_horiz",
    )
    def move(self, row: Binding, *, code: Distributor, reason: str, by: User, at: datetime) -> None:
        services.reassign(member=row.member, to=code, reason=reason, by=by, at=at)

    @action_button(
        _("Leave upline"),
        question=_("At the member's request, within 30 days of binding only."),
        done=_("The binding has ended."),
        form=LeaveForm,
        icon="link_off",
    )
    def leave(self, row: Binding, *, reason: str, by: User, at: datetime) -> None:
        services.leave(member=row.member, reason=reason, by=by, at=at)

    @admin.action(description=_("Change upline, with a preview"), permissions=["decide"])
    def move_many(self, request: HttpRequest, chosen: QuerySet[Binding]) -> HttpResponse:
        running = Binding.objects.running().filter(pk__in=chosen.values("pk"))
        rows = list(running.select_related("member").order_by("member_id")[:MAX_SELECTED])
        members = [row.member for row in rows]
        return self.run_page(
            request,
            self.move_many_page,
            members,
            back=request.get_full_path(),
            posted="code" in request.POST,
            hidden=[
                ("action", "move_many"), *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows),
            ],
            lines=members,
        )  # fmt: skip

    def preview_move_many(self, members: list[Member], *, code: Distributor, **_v: Any) -> Preview:
        outcomes = queries.preview_reassignment(members=members, to=code, at=clock.now())
        lines = [_line(outcome, OUTCOMES[outcome.outcome]) for outcome in outcomes]
        count = sum(outcome.is_allowed for outcome in outcomes)
        confirm = _("Change the upline of %(count)s") % {"count": count} if count else ""
        return Preview(code.code, lines, confirm)

    def do_move_many(
        self, members: list[Member], *, code: Distributor, reason: str, by: User, at: datetime
    ) -> StrOrPromise:
        results = services.reassign_many(members=members, to=code, reason=reason, by=by, at=at)
        moved = sum(result.binding is not None for result in results)
        return _("%(moved)s of %(all)s members have a new upline.") % {
            "moved": moved, "all": len(results),
        }  # fmt: skip

    def preview_assign(self, *, member: Member, code: Distributor, **_values: Any) -> Preview:
        [outcome] = queries.preview_reassignment(members=[member], to=code, at=clock.now())
        text = HAS_UPLINE_TEXT if outcome.upline else OUTCOMES[outcome.outcome]
        is_possible = outcome.upline is None and outcome.is_allowed
        token = f"{member.public_id} {code.code}"
        return Preview(token, [_line(outcome, text)], _("Bind") if is_possible else "")

    def do_assign(
        self, *, member: Member, code: Distributor, reason: str, by: User, at: datetime
    ) -> StrOrPromise:
        services.assign(member=member, to=code, reason=reason, by=by, at=at)
        return _("The member has an upline now.")

    move_many_page = Page(
        "move_many", _("Change upline, with a preview"), "distribution.change_binding",
        ReassignForm, run=do_move_many, preview=preview_move_many,
    )  # fmt: skip
    pages = (
        # Not the add permission of the admin: that would open a form of the row.
        Page(
            "assign", _("Give a member an upline"), "distribution.add_binding", AssignForm,
            run=do_assign, preview=preview_assign,
        ),
    )  # fmt: skip


def _line(preview: queries.ReassignmentPreview, outcome: StrOrPromise) -> str:
    upline = f" ({preview.upline})" if preview.upline else ""
    return f"{preview.member}{upline}: {outcome}"


@admin.register(Referral)
class ReferralAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = ["member", "referrer", "source", "at"]
    date_fields = ["at"]
    sort_fields = ["at"]
    list_select_related = ["member", "referrer"]
    list_filter = [("source", ChoicesDropdownFilter)]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    search_help_text = _("Nickname, or whole id")
    search_related: ClassVar = {"member": search_members, "referrer": search_members}
    fields = ["member", "referrer", "source", "evidence", "at"]

    @column(_("evidence"))
    def evidence(self, row: Referral) -> str:
        return describe(row.evidence_kind, row.evidence_id) or NOTHING
