# mypy: allow-subclassing-any, allow-any-generics
"""Conflicts of orders, and the proposals to accept those of credited orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant

from backoffice.base import (
    LargeTable,
    ReadOnlyAdmin,
    StrOrPromise,
    column,
    label_column,
    status_column,
)
from backoffice.dialogs import ProposalButtons, ReasonForm, action_button
from backoffice.fields import text_field
from backoffice.pages import Page, PagesMixin
from backoffice.search import Search
from commissions.models import ConflictAcceptance
from commissions.services import conflicts as services
from members.models import User
from orders.admin.conflict_words import LABELS, field_words
from orders.models import OrderConflict
from orders.queries import open_conflicts_by_source
from orders.search import has_number

MAX_SELECTED = 500
ACCEPTED = _("It is accepted.")
PROPOSED = _("Commissions are credited already: another person must agree to the acceptance.")


class ManyForm(forms.Form):
    reason = text_field(_("reason"))


class SourceFilter(DropdownFilter):
    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(source, source) for source in open_conflicts_by_source()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class FieldFilter(DropdownFilter):
    title = _("field")
    parameter_name = "field"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        name = self.value()
        if not name:
            return queryset
        return queryset.filter(Q(field=name) | Q(field__endswith=f".{name}"))


@admin.register(OrderConflict)
class OrderConflictAdmin(PagesMixin, Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "number", "field_label", "known", "given", "source", "status_badge", "first_seen",
        "last_seen",
    ]  # fmt: skip
    date_fields = ["first_seen", "last_seen"]
    chips = ["status"]
    sort_fields = ["first_seen", "last_seen"]
    list_filter = [("status", ChoicesDropdownFilter), SourceFilter, FieldFilter]
    search_fields = ["number"]
    search_help_text = _("Start or end of the order number")
    list_disable_select_all = True
    fields = [
        "number", "order", "field_label", "source", "known", "given", "first_seen",
        "last_seen", "status_text", "reason", "decided_by", "ended_at",
    ]  # fmt: skip
    actions = ["accept_many", "dismiss_many"]
    actions_detail = ["accept", "dismiss"]
    status_text = label_column(_("status"), "status")
    status_badge = status_column(
        {"open": "warning", "accepted": "success", "dismissed": "info", "resolved": "success"}
    )

    def search(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        return rows.filter(has_number(term))

    @column(_("field"))
    def field_label(self, row: OrderConflict) -> str:
        return field_words(row)

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(services.PERMISSION))

    def is_open(self, row: OrderConflict) -> bool:
        return row.status == OrderConflict.Status.OPEN

    @action_button(
        _("Accept"),
        question=_(
            "The given value counts from now on. A time is corrected; less money or quantity is"
            " booked as a refund, which reduces its commissions."
        ),
        done=ACCEPTED,
        form=ReasonForm,
        back_to_list=True,
        icon="check",
    )
    def accept(
        self, row: OrderConflict, *, reason: str, by: User, at: datetime
    ) -> StrOrPromise | None:
        proposals = services.accept_conflicts(conflicts=[row], reason=reason, by=by, at=at)
        return PROPOSED if proposals else None

    @action_button(
        _("Dismiss"),
        question=_(
            "The known value stands, and its commissions are credited when they are due. The same"
            " value opens no conflict again."
        ),
        done=_("It is dismissed."),
        form=ReasonForm,
        back_to_list=True,
        icon="close",
    )
    def dismiss(self, row: OrderConflict, *, reason: str, by: User, at: datetime) -> None:
        services.dismiss_conflicts(conflicts=[row], reason=reason, by=by, at=at)

    @admin.action(description=_("Accept, with a reason"), permissions=["decide"])
    def accept_many(self, request: HttpRequest, chosen: QuerySet[OrderConflict]) -> HttpResponse:
        return self._run_many(request, self.accept_many_page, chosen)

    @admin.action(description=_("Dismiss, with a reason"), permissions=["decide"])
    def dismiss_many(self, request: HttpRequest, chosen: QuerySet[OrderConflict]) -> HttpResponse:
        return self._run_many(request, self.dismiss_many_page, chosen)

    def _run_many(
        self, request: HttpRequest, page: Page, chosen: QuerySet[OrderConflict]
    ) -> HttpResponse:
        rows = list(chosen.filter(status=OrderConflict.Status.OPEN).order_by("pk")[:MAX_SELECTED])
        return self.run_page(
            request,
            page,
            rows,
            back=request.get_full_path(),
            posted="reason" in request.POST,
            hidden=[
                ("action", page.name), *((ACTION_CHECKBOX_NAME, str(row.pk)) for row in rows),
            ],
            lines=[
                f"{row.number} · {self.field_label(row)}: {row.known} → {row.given}"
                for row in rows
            ],
        )  # fmt: skip

    def do_accept_many(
        self, rows: Sequence[OrderConflict], *, reason: str, by: User, at: datetime
    ) -> StrOrPromise:
        proposals = services.accept_conflicts(conflicts=rows, reason=reason, by=by, at=at)
        return _("%(accepted)s accepted; %(proposed)s wait for another person to agree.") % {
            "accepted": len(rows) - len(proposals), "proposed": len(proposals),
        }  # fmt: skip

    def do_dismiss_many(
        self, rows: Sequence[OrderConflict], *, reason: str, by: User, at: datetime
    ) -> StrOrPromise:
        services.dismiss_conflicts(conflicts=rows, reason=reason, by=by, at=at)
        return _("%(count)s dismissed.") % {"count": len(rows)}

    accept_many_page = Page(
        "accept_many", _("Accept"), services.PERMISSION, ManyForm, run=do_accept_many,
        intro=_("All of them are accepted, or none."),
    )  # fmt: skip
    dismiss_many_page = Page(
        "dismiss_many", _("Dismiss"), services.PERMISSION, ManyForm, run=do_dismiss_many,
        intro=_("All of them are dismissed, or none."),
    )  # fmt: skip


@admin.register(ConflictAcceptance)
class ConflictAcceptanceAdmin(ProposalButtons, LargeTable, ReadOnlyAdmin):
    list_display = ["conflict", "known", "given", "reason", "status_badge", "proposer"]
    columns = ["proposed_at", "decider", "decided_at"]
    date_fields = ["proposed_at"]
    chips = ["status"]
    sort_fields = ["proposed_at"]
    list_display_links = ["conflict"]
    list_select_related = ["conflict", "proposer"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["conflict__number"]
    search_help_text = _("Start or end of the order number")
    fields = [
        "conflict", "known", "given", "reason", "status_text", "proposer", "proposed_at",
        "decider", "decided_at",
    ]  # fmt: skip
    actions_detail = ["agree", "refuse"]
    hidden_from_proposer = ("agree",)  # the proposer may withdraw it

    @column(_("known value"))
    def known(self, row: ConflictAcceptance) -> str:
        return row.conflict.known

    @column(_("given value"))
    def given(self, row: ConflictAcceptance) -> str:
        return row.conflict.given

    def has_decide_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return bool(request.user.has_perm(services.PERMISSION))

    @action_button(
        _("Agree"),
        question=_(
            "The difference is booked as a refund, and what was credited too much is taken back."
        ),
        done=ACCEPTED,
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def agree(self, row: ConflictAcceptance, *, by: User, at: datetime) -> None:
        services.agree_to_acceptance(acceptance=row, by=by, at=at)

    @action_button(
        _("Refuse"),
        question=_("No money moves."),
        done=_("It is refused."),
        icon="close",
    )
    def refuse(self, row: ConflictAcceptance, *, by: User, at: datetime) -> None:
        services.refuse_acceptance(acceptance=row, by=by, at=at)
