# mypy: allow-subclassing-any, allow-any-generics
"""Plans: drafted in one table, handed over, and published by another person."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Case, Count, QuerySet, Subquery, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import NOTHING, ModelAdmin, column, label_column, status_column, value_column
from backoffice.dialogs import action_button
from backoffice.names import staff_name
from commissions.admin import plan_routes, plan_state
from commissions.admin.plan_form import PLAN_FIELDS, PlanForm
from commissions.admin.rule_list import rule_values, rules_url
from commissions.admin.rules import ReadOnlyRuleInline, RuleInline
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.services import discard, draft, record_edit, roll_back_to
from common import clock
from common.money import percent
from members.models import User

MAX_RULES_ON_PAGE = 50  # more are only in the list of rules
INLINE_POSTED = "rules-TOTAL_FORMS"
HAND_OVER = "_hand_over"
COLOURS = {"published": "success", "submitted": "warning", "draft": "info"}


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    form = PlanForm
    list_display = [
        "title", "status_badge", "in_force", "rule_count", "handed_to", "published_by_name",
        "published_at",
    ]  # fmt: skip
    date_fields = ["starts_at", "published_at"]
    chips = ["status"]
    list_display_links = ["title"]
    list_select_related = ["published_by", "reviewer", "submitted_by"]
    list_filter = [("status", ChoicesDropdownFilter)]
    search_fields = ["name"]
    ordering: ClassVar = [
        Case(When(status=Plan.Status.SUBMITTED, then=Value(0)), default=Value(1)), "-id"
    ]  # fmt: skip
    sortable_by = ()
    actions_detail = ["new_version"]
    button_statuses: ClassVar = {"new_version": [Plan.Status.PUBLISHED]}
    change_form_outer_before_template = "admin/commissions/plan_state.html"
    readonly_fields = [
        "rule_list", "layer_order", "combine_label", "cap_percent", "based_on", "edited_by",
        "public_id",
    ]  # fmt: skip
    status_badge = status_column(COLOURS)
    rule_count = value_column(_("rules"), "count_of_rules")
    combine_label = label_column(_("how layers combine"), "combine")
    cap_percent = value_column(_("cap"), "cap", percent)
    empty_text = _("There is no plan yet, so nobody earns a commission. Draft the first one.")

    class Media:
        css: ClassVar = {"all": ["twotier/admin/plans.css"]}
        js: ClassVar = [forms.Script("twotier/admin/plans.js", type="module")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        plans: QuerySet[Plan] = super().get_queryset(request)
        current = Plan.objects.in_force(clock.now()).values("pk")[:1]
        return plans.annotate(count_of_rules=Count("rules"), current_plan=Subquery(current))

    def get_urls(self) -> list[Any]:
        return [*plan_routes.routes(self), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_change_permission(request, obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Also of plans that are no drafts any more, for people who may only draft or publish.
        rights = ("view_plan", "change_plan", "publish_plan")
        return any(request.user.has_perm(f"commissions.{right}") for right in rights)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_editable(obj) and bool(super().has_delete_permission(request, obj))

    def has_copy_permission(self, request: HttpRequest, *_row: Any) -> bool:
        return request.user.has_perm("commissions.change_plan")

    def get_fieldsets(self, request: HttpRequest, obj: Plan | None = None) -> Any:
        if obj is None:
            return [(None, {"fields": [("name", "cap"), ("layers", "combine")]})]
        if self.has_change_permission(request, obj):
            more = {"fields": ["rule_list", "edited_by", "based_on", "public_id"]}
            return [
                (None, {"fields": [("name", "cap"), ("layers", "combine")]}),
                (_("About this draft"), {"fields": more["fields"], "classes": ["collapse"]}),
            ]
        return [(None, {"fields": ["name", *self.readonly_fields]})]

    def get_inlines(self, request: HttpRequest, obj: Plan | None) -> list[Any]:
        # A form that was opened with few rules posts them, even if others have been added since.
        if obj and INLINE_POSTED not in request.POST and _count_rules(obj) > MAX_RULES_ON_PAGE:
            return []
        if obj is None or self.has_change_permission(request, obj):
            return [RuleInline]
        return [ReadOnlyRuleInline]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        plan = self.get_object(request, unquote(object_id)) if object_id else None
        context = plan_state.context(request, plan) if request.method == "GET" else {}
        context |= {
            "show_save_and_add_another": False, "check_url": self.url("check"),
            "may_hand_over": request.user.has_perm("commissions.change_plan"),
        }  # fmt: skip
        return super().changeform_view(
            request, object_id, form_url, {**(extra_context or {}), **context}
        )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        if change:
            form.terms_before = _plan_snapshot(Plan.objects.get(pk=obj.pk), request)
            super().save_model(request, obj, form, change)
            return
        form.terms_before = None
        plan = draft(
            by=_current_user(request),
            at=clock.now(),
            **{name: form.cleaned_data[name] for name in PLAN_FIELDS},
        )
        obj.pk, obj.public_id, obj._state.adding = plan.pk, plan.public_id, False  # fmt: skip

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        plan = Plan.objects.get(pk=form.instance.pk)
        after = _plan_snapshot(plan, request)
        if after != form.terms_before:
            record_edit(
                plan=plan,
                by=_current_user(request),
                at=clock.now(),
                before=form.terms_before,
                after=after,
            )

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        if HAND_OVER in request.POST:
            return HttpResponseRedirect(self.url("submit", obj.pk))
        if "_save" in request.POST:  # there is more to do with a draft than to look at the list
            self.message_user(request, _("“%(plan)s” is saved.") % {"plan": obj.name})
            return HttpResponseRedirect(self.url("change", obj.pk))
        return super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        if HAND_OVER in request.POST:
            return HttpResponseRedirect(self.url("submit", obj.pk))
        return super().response_change(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        discard(plan=obj, by=_current_user(request), at=clock.now())

    @action_button(
        _("New version from this one"),
        question=_(
            "Creates a draft with the same terms. Once another person publishes it, it is "
            "the next version. Use this to restore an older plan, too."
        ),
        done=_("The draft is at the top of the list."),
        permission="copy",
        back_to_list=True,
        icon="content_copy",
    )
    def new_version(self, row: Plan, *, by: User, at: datetime) -> None:
        roll_back_to(plan=row, by=by, at=at)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Without the text of each rule, which may be thousands.
        plans = list(objs)
        counts = {
            str(Plan._meta.verbose_name_plural): len(plans),
            str(Rule._meta.verbose_name_plural): sum(map(_count_rules, plans)),
        }
        allowed = all(self.has_delete_permission(request, plan) for plan in plans)
        return list(map(str, plans)), counts, set() if allowed else {"plan"}, []

    @column(_("rules"))
    def rule_list(self, plan: Plan) -> str:
        text = _("List of all rules (%(count)s)") % {"count": _count_rules(plan)}
        return format_html('<a href="{}">{}</a>', rules_url(plan), text)

    @column(_("plan"))
    def title(self, plan: Plan) -> str:
        return str(plan)

    @column(_("in force"))
    def in_force(self, plan: Any) -> str:
        return plan_state.force_text(plan, at=clock.now(), current=plan.current_plan)

    @column(_("waits for"))
    def handed_to(self, plan: Plan) -> str:
        if plan.status != Plan.Status.SUBMITTED:
            return NOTHING
        return staff_name(plan.reviewer) if plan.reviewer else str(_("everyone who may publish"))

    @column(_("published by"))
    def published_by_name(self, plan: Plan) -> str:
        return staff_name(plan.published_by) if plan.published_by else NOTHING

    @column(_("order of the layers"))
    def layer_order(self, plan: Plan) -> str:
        return layers_text(plan.layers)

    @column(_("edited by"))
    def edited_by(self, plan: Plan) -> str:
        people = User.objects.filter(pk__in=plan.editors).order_by("pk")
        return "、".join(map(staff_name, people)) or NOTHING


def layers_text(layers: list[str]) -> str:
    return " → ".join(str(Layer(layer).label) for layer in layers)


def _current_user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets nobody else in"
    return request.user


def _is_editable(plan: Any) -> bool:
    """Whether it is a draft. Unfold passes an id; then the service decides."""
    return not isinstance(plan, Plan) or plan.status == Plan.Status.DRAFT


def _count_rules(plan: Any) -> int:
    counted = getattr(plan, "count_of_rules", None)
    return counted if isinstance(counted, int) else plan.rules.count()


def _plan_snapshot(plan: Plan, request: HttpRequest) -> dict[str, Any]:
    """Return the terms of a plan, for the event; the rules only if the page had them."""
    terms = {name: getattr(plan, name) for name in PLAN_FIELDS}
    if INLINE_POSTED in request.POST:
        terms["rules"] = rule_values(plan.rules.all())
    return terms
