"""Distributors, their levels and segments, applications and purchase totals."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ModelAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
    status_column,
    yuan_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.impacts import DangerousForm, ImpactForm
from backoffice.panels import PanelsMixin
from backoffice.search import Search
from common import clock
from common.money import format_yuan
from distribution import services
from distribution.admin.answers import shown_answer
from distribution.admin.search import search_distributors
from distribution.models import (
    Application,
    Binding,
    Distributor,
    DistributorPeriod,
    Level,
    PurchaseTotals,
    Segment,
)
from members.admin.person import PersonChangeList
from members.models import User
from members.search import search_members

STATUS_COLOURS = {
    "active": "success", "approved": "success", "submitted": "warning", "suspended": "warning",
    "frozen": "danger", "rejected": "danger", "exited": "info",
}  # fmt: skip


class SegmentForm(ReasonForm):
    field_order = ("segment", "reason")
    segment = forms.ModelChoiceField(
        Segment.objects.all(), label=_("segment"), required=False, empty_label=_("none"),
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class ActivateForm(ImpactForm):
    button = "distribution.distributor.activate"


class SuspendForm(ImpactForm):
    button = "distribution.distributor.suspend"


class FreezeForm(DangerousForm):
    button = "distribution.distributor.freeze"
    confirmation = _("I have read this. Freeze %(row)s.")


class ExitForm(DangerousForm):
    button = "distribution.distributor.exit"
    confirmation = _("I have read this and know that it cannot be undone. %(row)s exits.")


@admin.register(Level)
class LevelAdmin(ModelAdmin):
    list_display = ["rank", "name", "sees_team_data", "advanced_materials"]
    list_display_links = ["name"]


@admin.register(Segment)
class SegmentAdmin(ModelAdmin):
    list_display = ["name", "code"]


class DistributorPeriodInline(ReadOnlyInline):
    model = DistributorPeriod
    fields = ["status", "level", "segment", "started_at", "ended_at"]
    ordering = ["-started_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[DistributorPeriod]:
        rows: QuerySet[DistributorPeriod] = super().get_queryset(request)
        return rows.select_related("level", "segment")


@admin.register(Distributor)
class DistributorAdmin(PanelsMixin, Search, ButtonsOnly, LargeTable, ModelAdmin):
    list_display = ["member", "code", "status_badge", "level", "segment", "since"]
    columns = ["public_id"]
    date_fields = ["since"]
    chips = ["status"]
    sort_fields = ["since"]
    list_select_related = ["member", "level", "segment"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("level", RelatedDropdownFilter),
        ("segment", RelatedDropdownFilter),
    ]
    search_fields = ["code"]
    search_help_text = _("Whole invite code, nickname, or whole id")
    search_exact = ("public_id",)
    search_related: ClassVar = {"pk": search_distributors}
    autocomplete_fields = ["member"]
    fields = ["member", "public_id", "code", "status", "level", "segment", "since"]
    readonly_fields = ["bindings_to_end"]
    inlines = [DistributorPeriodInline]
    actions_detail = ["activate", "suspend", "freeze", "exit", "set_segment"]
    button_statuses: ClassVar = {
        "activate": Distributor.COMES_FROM[Distributor.Status.ACTIVE],
        "suspend": Distributor.COMES_FROM[Distributor.Status.SUSPENDED],
        "freeze": Distributor.COMES_FROM[Distributor.Status.FROZEN],
        "exit": Distributor.COMES_FROM[Distributor.Status.EXITED],
    }
    status_badge = status_column(STATUS_COLOURS)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        may_open = request.user.has_perm("members.view_member")
        return PersonChangeList if may_open else super().get_changelist(request, **options)

    def is_open(self, row: Distributor) -> bool:
        return row.status != Distributor.Status.EXITED

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("distribution.add_distributor"))

    def get_fields(self, request: HttpRequest, obj: Distributor | None = None) -> list[str]:
        if obj is None:
            return ["member"]
        return [*self.fields, *(["bindings_to_end"] if obj.has_bindings_to_end else [])]

    def get_inlines(self, request: HttpRequest, obj: Distributor | None) -> list[Any]:
        return list(self.inlines) if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by: Any = request.user
        row = services.enrol_by_staff(member=obj.member, by=by, at=clock.now())
        obj.pk, obj.public_id, obj.code = row.pk, row.public_id, row.code

    @action_button(
        _("Activate"),
        question=_("They earn on orders placed from now on, and can become an upline."),
        done=_("They are active."),
        form=ActivateForm,
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def activate(self, row: Distributor, *, reason: str, by: User, at: datetime) -> None:
        services.change_status(
            distributor=row, to=Distributor.Status.ACTIVE, reason=reason, by=by, at=at
        )

    @action_button(
        _("Suspend"),
        question=_("Orders placed from now on earn them nothing; what they have earned is paid."),
        done=_("They are suspended."),
        form=SuspendForm,
        icon="pause_circle",
    )
    def suspend(self, row: Distributor, *, reason: str, by: User, at: datetime) -> None:
        services.change_status(
            distributor=row, to=Distributor.Status.SUSPENDED, reason=reason, by=by, at=at
        )

    @action_button(
        _("Freeze"),
        question=_("They earn nothing from now on, and nothing is credited or withdrawn."),
        done=_("They are frozen."),
        form=FreezeForm,
        icon="ac_unit",
        variant=ActionVariant.DANGER,
    )
    def freeze(self, row: Distributor, *, reason: str, by: User, at: datetime) -> None:
        services.change_status(
            distributor=row, to=Distributor.Status.FROZEN, reason=reason, by=by, at=at
        )

    @action_button(
        _("Exit permanently"),
        question=_("This is final. All bindings to them end; what they have earned is paid."),
        done=_("The distributor has exited."),
        form=ExitForm,
        icon="logout",
        variant=ActionVariant.DANGER,
    )
    def exit(self, row: Distributor, *, reason: str, by: User, at: datetime) -> None:
        services.exit_distributor(distributor=row, reason=reason, by=by, at=at)

    @action_button(
        _("Change segment"),
        question=_("Orders placed from now on are paid by the new segment."),
        done=_("The segment is changed."),
        form=SegmentForm,
        icon="diversity_3",
    )
    def set_segment(
        self, row: Distributor, *, segment: Segment | None, reason: str, by: User, at: datetime
    ) -> None:
        services.set_segment(distributor=row, segment=segment, reason=reason, by=by, at=at)

    @column(_("bindings being ended"))
    def bindings_to_end(self, row: Distributor) -> Any:
        return _("%(count)s left to record; they no longer count since the exit") % {
            "count": Binding.objects.filter(distributor=row, ended_at=None).count()
        }


@admin.register(Application)
class ApplicationAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = ["member", "status_badge", "route", "invited_by", "submitted_at", "decided_at"]
    columns = ["decided_by", "public_id"]
    date_fields = ["submitted_at", "decided_at"]
    chips = ["status"]
    sort_fields = ["submitted_at"]
    list_select_related = ["member", "invited_by__member"]
    list_filter = [("status", ChoicesDropdownFilter), ("route", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = [
        "member", "public_id", "status", "route", "invited_by", "statement", "answers_text",
        "purchases",
        "submitted_at", "decided_at", "decided_by", "reason",
    ]  # fmt: skip
    search_exact = ("public_id",)
    search_related: ClassVar = {"member": search_members}
    actions_detail = ["approve", "reject"]
    status_badge = status_column(STATUS_COLOURS)

    def is_open(self, row: Application) -> bool:
        return row.status == Application.Status.SUBMITTED

    @action_button(
        _("Approve"),
        question=_("They become a distributor, bound to their inviter if they are still unbound."),
        done=_("They are a distributor now."),
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, row: Application, *, by: User, at: datetime) -> None:
        services.approve(application=row, by=by, at=at)

    @action_button(
        _("Reject"),
        question=_("The applicant sees the reason and may apply again."),
        done=_("The application is rejected."),
        form=ReasonForm,
        icon="cancel",
    )
    def reject(self, row: Application, *, reason: str, by: User, at: datetime) -> None:
        services.reject(application=row, reason=reason, by=by, at=at)

    @column(_("answers"))
    def answers_text(self, row: Application) -> Any:
        shown = (
            (question.label, shown_answer(question, answer)) for question, answer in row.answered
        )
        return format_html_join("", "<p>{}<br><b>{}</b></p>", shown) or NOTHING

    @column(_("protected purchases"))
    def purchases(self, row: Application) -> Any:
        totals = PurchaseTotals.objects.filter(member=row.member_id).first() or PurchaseTotals()
        return _("%(yuan)s yuan in %(orders)s orders") % {
            "yuan": format_yuan(totals.protected_spend),
            "orders": totals.protected_orders,
        }


@admin.register(PurchaseTotals)
class PurchaseTotalsAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = fields = ["member", "spend", "protected_orders", "last_order_at"]
    date_fields = ["last_order_at"]
    amount_fields = sum_fields = ["protected_spend"]
    sort_fields = ["protected_spend", "protected_orders"]
    list_select_related = ["member"]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    search_help_text = _("Nickname, or whole id")
    search_related: ClassVar = {"member": search_members}
    spend = yuan_column(_("protected spend"), "protected_spend")
