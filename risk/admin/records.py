# mypy: allow-subclassing-any, allow-any-generics
"""Risk rules, assessments, holds and cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.base import (
    NOTHING,
    ButtonsOnly,
    LargeTable,
    ReadOnlyAdmin,
    ReadOnlyInline,
    column,
    label_column,
    status_column,
    value_column,
)
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search, spellings
from backoffice.settings_admin import SettingsAdmin
from distribution.models import Distributor
from members.models import User
from members.search import search_members
from orders.models import Order
from risk import services
from risk.models import Assessment, Case, Hold, Note, Outcome, Rule, RuleName
from risk.services.cases import MAX_NOTE_LENGTH

STATUS_COLOURS = {
    "pass": "success", "hold": "warning", "block": "danger", "not_assessed": "info",
    "open": "warning", "closed": "success", "released": "success",
}  # fmt: skip
UNITS = {
    RuleName.AMOUNT_SPIKE: _("percent of the median"),
    RuleName.NEW_DISTRIBUTOR: _("days"),
    RuleName.REFUND_RATE: _("percent of the orders"),
    RuleName.SELF_PURCHASE: _("percent of the orders"),
    RuleName.SHARED_PAYEE: _("other members"),
    RuleName.SHARED_IDENTITY: _("other members"),
    RuleName.BINDING_BURST: _("bindings"),
}
EVIDENCE_LABELS = {
    "threshold": _("threshold"),
    "min_sample": _("minimum sample"),
    "amount": _("amount in fen"),
    "count": _("earlier amounts"),
    "median": _("median in fen"),
    "maximum": _("highest in fen"),
    "days": _("days since"),
    "orders": _("orders"),
    "matching": _("orders found"),
    "own_contacts": _("own contacts known"),
    "buyers": _("buyers compared"),
    "shared": _("buyers who share"),
    "friends": _("of these, other friends of the same referrer"),
    "others": _("other members"),
    "members": _("their ids"),
    "payee": _("payee's fingerprint"),
    "max_per_hour": _("most within an hour"),
}


def format_evidence(evidence: dict[str, Any]) -> str:
    return format_html_join(
        " · ",
        "{}: {}",
        (
            (EVIDENCE_LABELS.get(name, name), _format_value(name, value))
            for name, value in evidence.items()
        ),
    )


def _format_value(name: str, value: Any) -> Any:
    if name == "members":
        return format_html_join(
            "、", "{}", ((link_to("members.member", public_id),) for public_id in value)
        )
    return f"{value[:12]}…" if name == "payee" else value


def link_to(kind: str, public_id: str) -> str:
    """Return the name and id of a row, as a link if it has a page."""
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return f"{kind} {public_id}"
    row = model._default_manager.filter(public_id=public_id).first()
    if row is None or not admin.site.is_registered(model):
        return f"{model._meta.verbose_name} {public_id}"
    to = reverse(f"admin:{kind.replace('.', '_')}_change", args=[row.pk])
    words = f"{model._meta.verbose_name} {row}"
    return format_html('<a href="{}" class="text-primary-600">{}</a>', to, words)


class SubjectAdmin(Search, LargeTable):
    """Adds search by the whole id of a subject or by its member, and links to both."""

    list_select_related: Any = ["member"]
    search_fields = ["subject_id"]
    search_help_text = _("Whole id, order number, or nickname")

    def search(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        orders = Order.objects.filter(number__in=spellings(term))
        found = list(orders.values_list("public_id", flat=True))
        ids = Q(subject_id__in=[*spellings(term), *found])
        return rows.filter(ids | Q(member__in=search_members(term)))

    @column(_("about"))
    def subject_link(self, row: Any) -> str:
        return link_to(row.subject_kind, row.subject_id)

    @column(_("distributor"))
    def distributor_link(self, row: Any) -> str:
        # Freezing is done on the distributor's page.
        distributor = Distributor.objects.filter(member=row.member_id).first()
        if distributor is None:
            return NOTHING
        return link_to(Distributor._meta.label_lower, distributor.public_id)


@admin.register(Rule)
class RuleAdmin(SettingsAdmin):
    list_display = [
        "title", "stage_label", "enabled", "threshold", "unit", "min_sample", "effect_label",
    ]  # fmt: skip
    list_filter = [("stage", ChoicesDropdownFilter)]
    fields = ["title", "stage_label", "enabled", "threshold", "unit", "min_sample", "effect"]
    readonly_fields = ["title", "stage_label", "unit"]
    title = label_column(_("rule"), "name")
    stage_label = label_column(_("asked for"), "stage")
    effect_label = label_column(_("effect"), "effect")

    def apply_changes(self, row: Rule, changes: dict[str, Any], **by_and_at: Any) -> None:
        services.change_rule(rule=row, **changes, **by_and_at)

    @column(_("unit"))
    def unit(self, rule: Rule) -> str:
        return str(UNITS.get(RuleName(rule.name), _("buyers")))


@admin.register(Assessment)
class AssessmentAdmin(SubjectAdmin, ReadOnlyAdmin):
    list_display = ["at", "rule_name", "result", "member", "stage", "subject_id"]
    date_fields = ["at"]
    chips = ["outcome"]
    sort_fields = []
    sort_with_dates = ["at"]
    list_filter = [
        ("stage", ChoicesDropdownFilter), ("rule", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
    ]  # fmt: skip
    fields = ["at", "rule_name", "outcome", "member", "subject_link", "evidence_text"]
    rule_name = label_column(_("rule"), "rule")
    result = status_column(STATUS_COLOURS, _("outcome"), "outcome")
    evidence_text = value_column(_("evidence"), "evidence", format_evidence)


class HoldColumns:
    """The columns of a hold in its own list and in the page of its case."""

    rule_name = label_column(_("rule"), "rule")
    evidence_text = value_column(_("evidence"), "assessment.evidence", format_evidence)

    @column(_("status"), label=STATUS_COLOURS)
    def status_badge(self, hold: Hold) -> tuple[str, str]:
        if hold.released_at:
            return "released", str(_("released"))
        return hold.outcome, str(Outcome(hold.outcome).label)

    @column(_("status"))
    def status_text(self, hold: Hold) -> str:
        return self.status_badge(hold)[1]


class OpenFilter(DropdownFilter):
    title = _("status")
    parameter_name = "state"

    def lookups(self, *args: Any) -> list[tuple[str, Any]]:
        return [("open", _("open")), ("released", _("released"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(released_at=None)
        return queryset.exclude(released_at=None) if self.value() else queryset


@admin.register(Hold)
class HoldAdmin(HoldColumns, ButtonsOnly, SubjectAdmin, ReadOnlyAdmin):
    list_display = ["since", "rule_name", "status_badge", "member", "subject_id", "released_by"]
    columns = ["released_at", "release_reason"]
    date_fields = ["since", "released_at"]
    chips = ["state"]
    sort_fields = ["since"]
    list_select_related = ["member", "released_by"]
    list_filter = [("rule", ChoicesDropdownFilter), OpenFilter]
    fields = [
        "since", "rule_name", "outcome", "member", "subject_link", "distributor_link",
        "evidence_text", "case", "released_at", "released_by", "release_reason",
    ]  # fmt: skip
    actions_detail = ["release"]

    def is_open(self, row: Hold) -> bool:
        return row.released_at is None

    @action_button(
        _("Release"),
        question=_(
            "What it held continues, unless another hold applies. The rule does not hold it again."
        ),
        done=_("It is released."),
        form=ReasonForm,
        icon="lock_open",
        variant=ActionVariant.PRIMARY,
    )
    def release(self, row: Hold, *, reason: str, by: User, at: datetime) -> None:
        services.release(hold=row, reason=reason, by=by, at=at)


class HoldInline(HoldColumns, ReadOnlyInline):
    model = Hold
    fields = readonly_fields = [
        "since", "rule_name", "status_text", "evidence_text", "released_by", "release_reason",
    ]  # fmt: skip
    ordering = ["-id"]
    show_change_link = True
    per_page = 20  # a busy distributor has thousands

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        holds: QuerySet[Hold] = super().get_queryset(request)
        return holds.select_related("assessment", "released_by")


class NoteInline(ReadOnlyInline):
    model = Note
    fields = readonly_fields = ["at", "by", "text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        notes: QuerySet[Note] = super().get_queryset(request)
        return notes.select_related("by")


class AssignForm(BaseDialogForm):
    assignee = forms.ModelChoiceField(
        User.objects.filter(is_staff=True, is_active=True).order_by("username"),
        label=_("assignee"), to_field_name="username", widget=UnfoldAdminSelectWidget,
    )  # fmt: skip


class NoteForm(BaseDialogForm):
    note = forms.CharField(
        label=_("note"), max_length=MAX_NOTE_LENGTH, widget=UnfoldAdminTextareaWidget
    )


@admin.register(Case)
class CaseAdmin(ButtonsOnly, SubjectAdmin, ReadOnlyAdmin):
    list_display = ["opened_at", "status_badge", "member", "subject_id", "assignee", "closed_at"]
    columns = ["closed_by", "conclusion"]
    date_fields = ["opened_at", "closed_at"]
    chips = ["status"]
    sort_fields = ["opened_at"]
    list_select_related = ["member", "assignee"]
    list_filter = [("status", ChoicesDropdownFilter)]
    fields = [
        "opened_at", "status", "member", "subject_link", "distributor_link", "assignee",
        "closed_at", "closed_by", "conclusion",
    ]  # fmt: skip
    inlines = [HoldInline, NoteInline]
    actions_detail = ["take", "assign", "note", "close"]
    status_badge = status_column(STATUS_COLOURS)

    def is_open(self, row: Case) -> bool:
        return row.status == Case.Status.OPEN

    @action_button(
        _("Assign to me"),
        question=_("You investigate it from now on."),
        done=_("It is assigned to you."),
        icon="front_hand",
    )
    def take(self, row: Case, *, by: User, at: datetime) -> None:
        services.assign(case=row, assignee=by, by=by, at=at)

    @action_button(
        _("Assign"),
        question=_("Who investigates it?"),
        done=_("It is assigned."),
        form=AssignForm,
        icon="assignment_ind",
    )
    def assign(self, row: Case, *, assignee: User, by: User, at: datetime) -> None:
        services.assign(case=row, assignee=assignee, by=by, at=at)

    @action_button(
        _("Write a note"),
        question=_("Enter your findings. They cannot be changed later."),
        done=_("The note is saved."),
        form=NoteForm,
        icon="edit_note",
    )
    def note(self, row: Case, *, note: str, by: User, at: datetime) -> None:
        services.note(case=row, text=note, by=by, at=at)

    @action_button(
        _("Close the case"),
        question=_("Enter your conclusion. All holds of the case must be released first."),
        done=_("It is closed."),
        form=ReasonForm,
        icon="task_alt",
        variant=ActionVariant.PRIMARY,
    )
    def close(self, row: Case, *, reason: str, by: User, at: datetime) -> None:
        services.close(case=row, reason=reason, by=by, at=at)
