# mypy: allow-subclassing-any, allow-any-generics
"""The list of a plan's rules: paged and searched, and one rule on a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.base import ModelAdmin, column
from backoffice.search import Search
from catalog.models import Product
from commissions.admin.rule_form import RuleForm
from commissions.admin.rules import RuleColumns, RulePage
from commissions.models import Plan, Rule
from commissions.services import record_edit
from common import clock
from common.keys import is_row_key

FORM_FIELDS = [
    ("layer", "product", "category"),
    ("audience", "priority"),
    ("basis", "tier1", "tier2", "asset"),
    ("starts_at", "ends_at"),
    ("boost", "boost_from", "boost_until"),
]
PLAN_FILTER = "plan__id__exact"


def rules_url(plan: Plan) -> str:
    """Return the address of the list of a plan's rules."""
    return f"{reverse('admin:commissions_rule_changelist')}?{PLAN_FILTER}={plan.pk}"


class OneRuleForm(RuleForm):
    """A rule on a page of its own."""

    plan: Plan | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.plan and self.instance.plan_id is None:
            self.instance.plan = self.plan

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        rule = self.instance
        same = Rule.objects.filter(
            plan=rule.plan_id, level=rule.level_id, segment=rule.segment_id,
            **{name: given.get(name) for name in ("layer", "product", "category", "priority")},
        )  # fmt: skip
        if same.exclude(pk=rule.pk).exists():
            self.add_error(
                "priority",
                _("Another rule for the same target has this priority: choose another."),
            )
        return given


@admin.register(Rule)
class RuleAdmin(RuleColumns, RulePage, Search, ModelAdmin):
    form = OneRuleForm
    list_display = ["plan_link", "number", *RuleColumns.column_names]
    list_display_links = ["number"]
    list_filter = [
        ("layer", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    ]
    list_per_page = 100
    show_full_result_count = False
    sortable_by = ()
    search_fields = ["product__name"]
    search_help_text = _("Words of the product, the start of a SKU, or the category")

    def search(self, rows: QuerySet[Rule], term: str) -> QuerySet[Rule]:
        products = Product.objects.search(term)
        named = Q(category__name__icontains=term) | Q(category__code=term)
        return rows.filter(Q(product__in=products) | named)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False  # it is reached from its plan

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _may_change(request, _plan_of_list(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _may_change(request, obj.plan if isinstance(obj, Rule) else None)

    has_delete_permission = has_change_permission

    def get_fields(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return FORM_FIELDS
        return RuleColumns.column_names

    def get_readonly_fields(self, request: HttpRequest, obj: Rule | None = None) -> Any:
        return [] if self.get_fields(request, obj) is FORM_FIELDS else RuleColumns.column_names

    def get_form(
        self, request: HttpRequest, obj: Rule | None = None, change: bool = False, **options: Any
    ) -> Any:
        form: Any = super().get_form(request, obj, change, **options)
        form.plan = _plan_of_list(request) if obj is None else None
        return form

    def save_model(self, request: HttpRequest, obj: Rule, form: Any, change: Any) -> None:
        before = rule_values(Rule.objects.filter(pk=obj.pk))
        super().save_model(request, obj, form, change)
        self._record(request, obj.plan, before, rule_values(Rule.objects.filter(pk=obj.pk)))

    def delete_model(self, request: HttpRequest, obj: Rule) -> None:
        plan, before = obj.plan, rule_values(Rule.objects.filter(pk=obj.pk))
        super().delete_model(request, obj)
        self._record(request, plan, before, [])

    def _record(self, request: HttpRequest, plan: Plan, before: Any, after: Any) -> None:
        if before != after:
            by: Any = request.user
            record_edit(
                plan=plan, by=by, at=clock.now(), before={"rules": before}, after={"rules": after}
            )

    @column(_("plan"))
    def plan_link(self, rule: Rule) -> str:
        address = reverse("admin:commissions_plan_change", args=[rule.plan_id])
        return format_html('<a href="{}">{}</a>', address, rule.plan)


def rule_values(rules: QuerySet[Rule]) -> list[dict[str, Any]]:
    """Return the terms of rules, for the event."""
    return [
        {
            name: value
            for name, value in row.items()
            if value is not None and name not in ("id", "plan_id")
        }
        for row in rules.order_by("pk").values()
    ]


def _may_change(request: HttpRequest, plan: Plan | None) -> bool:
    return (
        plan is not None
        and plan.status == Plan.Status.DRAFT
        and request.user.has_perm("commissions.change_plan")
    )


def _plan_of_list(request: HttpRequest) -> Plan | None:
    """Return the plan whose rules the list shows, or from whose list the page was opened."""
    filters = QueryDict(request.GET.get("_changelist_filters", ""))
    key = request.GET.get(PLAN_FILTER) or filters.get(PLAN_FILTER) or ""
    return Plan.objects.filter(pk=key).first() if is_row_key(key) else None
