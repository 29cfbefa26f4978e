"""Who brought whom, and who is bound to whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from common import clock
from common.admin import (
    LargeTable,
    ReadOnlyAdmin,
)
from common.errors import TwotierError
from distribution import queries, services
from distribution.admin.dialogs import (
    MoveForm,
    UplineForm,
    decision,
    distributor_of,
)
from distribution.admin.rows import Decided, members_called
from distribution.models import (
    Binding,
    Distributor,
    Referral,
)
from members.models import Member

MOST_AT_ONCE = 200
OUTCOMES = {
    "moves": _("moves to the new upline"),
    "binds": _("is bound to the new upline"),
    "same_upline": _("stays: bound to this upline already"),
    "too_late": _("stays: bound more than 30 days ago"),
    "circle": _("stays: the new upline is below this member"),
    "not_active": _("stays: the new upline is not active"),
}


class RunningFilter(DropdownFilter):  # type: ignore[misc]  # unfold brings no types
    title = _("state")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("running")), ("no", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Binding]) -> QuerySet[Binding]:
        wanted = {"yes": True, "no": False}.get(str(self.value()))
        return queryset if wanted is None else queryset.filter(ended_at__isnull=wanted)


@admin.register(Binding)
class BindingAdmin(Decided, LargeTable, ReadOnlyAdmin):
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
    actions = ["move_many"]
    actions_detail = ["move", "leave"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Binding], search_term: str
    ) -> tuple[QuerySet[Binding], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = members_called(term)
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
        services.reassign(member=row.member, to=distributor_of(code), **decided)

    @decision(
        _("Leave upline"),
        question=_("At the member's wish, within 30 days of binding only."),
        done=_("The binding has ended."),
        icon="link_off",
    )
    def leave(self, row: Binding, **decided: Any) -> None:
        services.leave(member=row.member, **decided)

    @admin.action(description=_("Change upline, with a preview"), permissions=["decide"])
    def move_many(self, request: HttpRequest, chosen: QuerySet[Binding]) -> HttpResponse | None:
        running = chosen.filter(ended_at=None).select_related("member").order_by("member")
        members = [row.member for row in running[:MOST_AT_ONCE]]
        asked = "code" in request.POST
        form = MoveForm(request.POST if asked else None)
        told: list[queries.Preview] = []
        if asked and form.is_valid():
            to, at = form.cleaned_data["code"], clock.now()
            # What is sure is what was shown: another code is another preview.
            if "sure" in request.POST and request.POST.get("shown") == to.code:
                self._moved(request, members, to, form.cleaned_data["reason"], at)
                return None
            told = queries.preview_reassignment(members=members, to=to, at=at)
        return TemplateResponse(
            request,
            "admin/distribution/move_many.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Change upline, with a preview"),
                "opts": self.opts,
                "form": form,
                "shown": form.cleaned_data["code"].code if told else "",
                "told": [(one, OUTCOMES[one.outcome]) for one in told],
                "members": members,
                "chosen": [row.pk for row in running[:MOST_AT_ONCE]],
                "checkbox": ACTION_CHECKBOX_NAME,
                "words": {"preview": _("Preview"), "sure": _("Change upline")},
            },
        )

    def _moved(
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
        found = members_called(term)
        return queryset.filter(Q(member__in=found) | Q(referrer__in=found)), False
