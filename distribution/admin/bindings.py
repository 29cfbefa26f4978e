"""Who brought whom, and who is bound to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from common import clock
from common.admin import LargeTable, ReadOnlyAdmin, StrOrPromise
from common.dialogs import ReasonForm, decision
from common.errors import TwotierError
from distribution import queries, services
from distribution.admin.base import DecisionOnly, search_members
from distribution.admin.dialogs import (
    AssignForm,
    ReassignForm,
    UplineForm,
    distributor_by_code,
)
from distribution.models import (
    Binding,
    Distributor,
    Referral,
)
from members.models import Member

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


class RunningFilter(DropdownFilter):  # type: ignore[misc]  # unfold brings no types
    title = _("state")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("running")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Binding]) -> QuerySet[Binding]:
        wanted = {"yes": True, "no": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(ended_at__isnull=wanted)


@admin.register(Binding)
class BindingAdmin(DecisionOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "member", "distributor", "source", "started_at", "expires_at", "ended_at", "end_reason",
    ]  # fmt: skip
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
        "member", "distributor", "public_id", "source", "evidence_kind", "evidence_id",
        "started_at", "expires_at", "ended_at", "end_reason", "end_note",
    ]  # fmt: skip
    list_before_template = "admin/distribution/before_bindings.html"
    actions = ["move_many"]
    actions_detail = ["move", "leave"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Binding], search_term: str
    ) -> tuple[QuerySet[Binding], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = search_members(term)
        uplines = Distributor.objects.filter(Q(code=term.lower()) | Q(member__in=found))
        return (
            queryset.filter(
                Q(public_id=term) | Q(member__in=found) | Q(distributor__in=uplines.values("pk"))
            ),
            False,
        )

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        runs = row is not None and row.ended_at is None
        return list(super().get_actions_detail(request, object_id)) if runs else []

    @decision(
        _("Change upline"),
        question=_("Within 30 days of binding only. Orders placed before keep their upline."),
        done=_("The member has a new upline."),
        form=UplineForm,
        icon="swap_horiz",
    )
    def move(self, row: Binding, *, code: str, **decided: Any) -> None:
        services.reassign(member=row.member, to=distributor_by_code(code), **decided)

    @decision(
        _("Leave upline"),
        question=_("At the member's wish, within 30 days of binding only."),
        done=_("The binding has ended."),
        form=ReasonForm,
        icon="link_off",
    )
    def leave(self, row: Binding, **decided: Any) -> None:
        services.leave(member=row.member, **decided)

    @admin.action(description=_("Change upline, with a preview"), permissions=["decide"])
    def move_many(self, request: HttpRequest, chosen: QuerySet[Binding]) -> HttpResponse | None:
        running = chosen.filter(ended_at=None).select_related("member").order_by("member")
        members = [row.member for row in running[:MAX_SELECTED]]
        asked = "code" in request.POST
        form = ReassignForm(request.POST if asked else None)
        told: list[queries.ReassignmentPreview] = []
        if asked and form.is_valid():
            to, at = form.cleaned_data["code"], clock.now()
            # What is sure is what was shown: another code is another preview.
            if "sure" in request.POST and request.POST.get("shown") == to.code:
                self._reassign_many(request, members, to, form.cleaned_data["reason"], at)
                return None
            told = queries.preview_reassignment(members=members, to=to, at=at)
        chosen_rows = [(ACTION_CHECKBOX_NAME, str(row.pk)) for row in running[:MAX_SELECTED]]
        return self._preview_page(
            request,
            title=_("Change upline, with a preview"),
            sure=_("Change upline"),
            form=form,
            hidden=[
                ("action", "move_many"),
                ("shown", form.cleaned_data["code"].code if told else ""),
                *chosen_rows,
            ],
            told=[(one, OUTCOMES[one.outcome]) for one in told],
            members=members,
        )

    def _reassign_many(
        self, request: HttpRequest, members: list[Member], to: Distributor, why: str, at: datetime
    ) -> None:
        by: Any = request.user
        try:
            done = services.reassign_many(members=members, to=to, by=by, at=at, reason=why)
        except TwotierError as refusal:
            messages.error(request, str(refusal))
            return
        moved = sum(one.binding is not None for one in done)
        messages.success(
            request,
            _("%(moved)s of %(all)s members have a new upline.")
            % {"moved": moved, "all": len(done)},
        )

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.assign)
        return [path("assign/", page, name="distribution_binding_assign"), *super().get_urls()]

    def has_assign_permission(self, request: HttpRequest) -> bool:
        # Not has_add_permission: that would open a form of the row.
        return bool(request.user.has_perm("distribution.add_binding"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {**(extra_context or {}), "assigns": self.has_assign_permission(request)}
        page: HttpResponse = super().changelist_view(request, shown)
        return page

    def assign(self, request: HttpRequest) -> HttpResponse:
        """A page that gives an upline to a member who has none, after a preview."""
        if not self.has_assign_permission(request):
            raise PermissionDenied
        form = AssignForm(request.POST if request.method == "POST" else None)
        told: list[queries.ReassignmentPreview] = []
        shown = ""
        if form.is_valid():
            member, to, at = form.cleaned_data["member"], form.cleaned_data["code"], clock.now()
            shown = f"{member.public_id} {to.code}"
            # What is sure is what was shown: somebody else is another preview.
            sure = "sure" in request.POST and request.POST.get("shown") == shown
            if sure and self._assign(request, member, to, form.cleaned_data["reason"], at):
                names = (self.admin_site.name, self.opts.app_label, self.opts.model_name)
                return HttpResponseRedirect(reverse("{}:{}_{}_changelist".format(*names)))
            told = queries.preview_reassignment(members=[member], to=to, at=at)
        return self._preview_page(
            request,
            title=_("Give a member an upline"),
            sure=_("Bind") if all(one.upline is None and one.is_allowed for one in told) else "",
            form=form,
            hidden=[("shown", shown)],
            told=[(one, HAS_UPLINE_TEXT if one.upline else OUTCOMES[one.outcome]) for one in told],
            members=[],
        )

    def _assign(
        self, request: HttpRequest, member: Member, to: Distributor, why: str, at: datetime
    ) -> bool:
        by: Any = request.user
        try:
            services.assign(member=member, to=to, by=by, at=at, reason=why)
        except TwotierError as refusal:
            messages.error(request, str(refusal))
            return False
        messages.success(request, _("The member has an upline now."))
        return True

    def _preview_page(
        self, request: HttpRequest, *, title: StrOrPromise, sure: StrOrPromise, **shown: Any
    ) -> HttpResponse:
        """A form that tells what would happen before it does it."""
        return TemplateResponse(
            request,
            "admin/distribution/with_preview.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                "words": {"preview": _("Preview"), "sure": sure},
                **shown,
            },
        )


@admin.register(Referral)
class ReferralAdmin(LargeTable, ReadOnlyAdmin):
    list_display = ["member", "referrer", "source", "at"]
    list_select_related = ["member", "referrer"]
    list_filter = [("source", ChoicesDropdownFilter)]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = ["member", "referrer", "source", "evidence_kind", "evidence_id", "at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Referral], search_term: str
    ) -> tuple[QuerySet[Referral], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = search_members(term)
        return queryset.filter(Q(member__in=found) | Q(referrer__in=found)), False
