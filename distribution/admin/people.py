"""Distributors, their levels and segments, and who applies to become one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant

from common import clock
from common.admin import (
    LargeTable,
    ModelAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
)
from common.dialogs import ReasonForm, decision
from common.money import format_yuan
from distribution import services
from distribution.admin.base import STATUS_COLOURS, DecisionOnly, search_members
from distribution.admin.dialogs import (
    LevelForm,
    SegmentForm,
)
from distribution.models import (
    Application,
    Distributor,
    DistributorPeriod,
    Level,
    PurchaseTotals,
    Segment,
)
from members.models import User


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
        found: QuerySet[DistributorPeriod] = super().get_queryset(request)
        return found.select_related("level", "segment")


@admin.register(Distributor)
class DistributorAdmin(DecisionOnly, LargeTable, ModelAdmin):
    list_display = ["member", "code", "state", "level", "segment", "since"]
    list_select_related = ["member", "level", "segment"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        ("level", RelatedDropdownFilter),
        ("segment", RelatedDropdownFilter),
    ]
    search_fields = ["code"]
    search_help_text = _("Whole invite code, nickname, or whole id")
    autocomplete_fields = ["member"]
    fields = ["member", "public_id", "code", "status", "level", "segment", "since"]
    inlines = [DistributorPeriodInline]
    actions_detail = ["activate", "suspend", "freeze", "exit", "set_level", "set_segment"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("distribution.add_distributor"))

    def get_fields(self, request: HttpRequest, obj: Distributor | None = None) -> list[str]:
        return list(self.fields) if obj else ["member"]

    def get_inlines(self, request: HttpRequest, obj: Distributor | None) -> list[Any]:
        return list(self.inlines) if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        by: Any = request.user
        made = services.enrol_by_staff(member=obj.member, by=by, at=clock.now())
        obj.pk, obj.public_id, obj.code = made.pk, made.public_id, made.code

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Distributor], search_term: str
    ) -> tuple[QuerySet[Distributor], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(code=term.lower()) | Q(public_id=term) | Q(member__in=search_members(term))
        return queryset.filter(found), False

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        to = {
            "activate": Distributor.Status.ACTIVE,
            "suspend": Distributor.Status.SUSPENDED,
            "freeze": Distributor.Status.FROZEN,
            "exit": Distributor.Status.EXITED,
        }
        still_here = row is not None and row.status != Distributor.Status.EXITED
        return [
            action
            for action in super().get_actions_detail(request, object_id)
            if still_here
            and (action.path not in to or row.status in Distributor.COMES_FROM[to[action.path]])
        ]

    @decision(
        _("Activate"),
        question=_("They earn on orders placed from now on, and can become an upline."),
        done=_("They are active."),
        form=ReasonForm,
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def activate(self, row: Distributor, **decided: Any) -> None:
        services.change_status(distributor=row, to=Distributor.Status.ACTIVE, **decided)

    @decision(
        _("Suspend"),
        question=_("Orders placed from now on earn them nothing; what they have earned is paid."),
        done=_("They are suspended."),
        form=ReasonForm,
        icon="pause_circle",
    )
    def suspend(self, row: Distributor, **decided: Any) -> None:
        services.change_status(distributor=row, to=Distributor.Status.SUSPENDED, **decided)

    @decision(
        _("Freeze"),
        question=_("They earn nothing from now on, and nothing is credited or withdrawn."),
        done=_("They are frozen."),
        form=ReasonForm,
        icon="ac_unit",
    )
    def freeze(self, row: Distributor, **decided: Any) -> None:
        services.change_status(distributor=row, to=Distributor.Status.FROZEN, **decided)

    @decision(
        _("Exit for good"),
        question=_("This is final. All bindings to them end; what they have earned is paid."),
        done=_("They have left for good."),
        form=ReasonForm,
        icon="logout",
        variant=ActionVariant.DANGER,
    )
    def exit(self, row: Distributor, **decided: Any) -> None:
        services.exit_distributor(distributor=row, **decided)

    @decision(
        _("Change level"),
        question=_("Orders placed from now on are paid by the new level."),
        done=_("The level is changed."),
        form=LevelForm,
        icon="stairs",
    )
    def set_level(self, row: Distributor, **decided: Any) -> None:
        services.set_level(distributor=row, **decided)

    @decision(
        _("Change segment"),
        question=_("Orders placed from now on are paid by the new segment."),
        done=_("The segment is changed."),
        form=SegmentForm,
        icon="diversity_3",
    )
    def set_segment(self, row: Distributor, **decided: Any) -> None:
        services.set_segment(distributor=row, **decided)

    @column(_("status"), label=STATUS_COLOURS)
    def state(self, row: Distributor) -> tuple[str, str]:
        return row.status, row.get_status_display()


@admin.register(Application)
class ApplicationAdmin(DecisionOnly, LargeTable, ReadOnlyAdmin):
    list_display = ["member", "state", "route", "invited_by", "submitted_at", "decided_at"]
    list_select_related = ["member", "invited_by__member"]
    list_filter = [("status", ChoicesDropdownFilter), ("route", ChoicesDropdownFilter)]
    search_fields = ["public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = [
        "member", "public_id", "status", "route", "invited_by", "statement", "purchases",
        "submitted_at", "decided_at", "decided_by", "reason",
    ]  # fmt: skip
    actions_detail = ["approve", "reject"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Application], search_term: str
    ) -> tuple[QuerySet[Application], bool]:
        term = search_term.strip()
        found = Q(public_id=term) | Q(member__in=search_members(term))
        return (queryset.filter(found) if term else queryset), False

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        waits = row is not None and row.status == Application.Status.SUBMITTED
        return list(super().get_actions_detail(request, object_id)) if waits else []

    @decision(
        _("Approve"),
        question=_("They become a distributor, bound to whoever invited them if still unbound."),
        done=_("They are a distributor now."),
        permission="decide",
        icon="check_circle",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, row: Application, *, by: User, at: datetime) -> None:
        services.approve(application=row, by=by, at=at)

    @decision(
        _("Reject"),
        question=_("They are told the reason, and may apply again."),
        done=_("The application is rejected."),
        form=ReasonForm,
        icon="cancel",
    )
    def reject(self, row: Application, **decided: Any) -> None:
        services.reject(application=row, **decided)

    @column(_("status"), label=STATUS_COLOURS)
    def state(self, row: Application) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @column(_("bought and kept"))
    def purchases(self, row: Application) -> Any:
        purchase_totals = (
            PurchaseTotals.objects.filter(member=row.member_id).first() or PurchaseTotals()
        )
        return _("%(yuan)s yuan in %(orders)s orders") % {
            "yuan": format_yuan(purchase_totals.protected_spend),
            "orders": purchase_totals.protected_orders,
        }


@admin.register(PurchaseTotals)
class PurchaseTotalsAdmin(LargeTable, ReadOnlyAdmin):
    list_display = ["member", "spend", "protected_orders", "last_order_at"]
    list_select_related = ["member"]
    ordering = ("-pk",)
    search_fields = ["member__public_id"]
    search_help_text = _("Nickname, or whole id")
    fields = ["member", "spend", "protected_orders", "last_order_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PurchaseTotals], search_term: str
    ) -> tuple[QuerySet[PurchaseTotals], bool]:
        term = search_term.strip()
        return (queryset.filter(member__in=search_members(term)) if term else queryset), False

    @column(_("protected spend"))
    def spend(self, row: PurchaseTotals) -> str:
        return format_yuan(row.protected_spend)
