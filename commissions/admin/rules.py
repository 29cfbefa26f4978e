# mypy: allow-subclassing-any, allow-any-generics
"""The rules of a plan as one table: editable in a draft, read-only afterwards."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from backoffice.base import NOTHING, ReadOnlyInline, column
from commissions.admin.rule_form import BASES, RuleForm, RulesFormSet, basis_of
from commissions.explanations.amounts import amount
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from common.clock import format_moment
from common.money import percent
from ledger.chart import Asset


class RulePage:
    """Rules follow the permissions of their plan."""

    model = Rule

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rights = ("commissions.view_plan", "commissions.change_plan", "commissions.view_rule")
        return any(map(request.user.has_perm, rights))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rules: QuerySet[Rule] = super().get_queryset(request)  # type: ignore[misc]
        return rules.select_related("plan", "product", "category", "level", "segment").order_by(
            "pk"
        )


class RuleInline(RulePage, TabularInline):
    """The table of a draft. Its script hides what a layer does not need and adds rows."""

    form = RuleForm
    formset = RulesFormSet
    template = "admin/commissions/rules_table.html"

    def get_extra(self, request: HttpRequest, obj: Plan | None = None, **options: Any) -> int:
        return 1 if obj is None else 0

    def can_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(map(request.user.has_perm, ("commissions.add_plan", "commissions.change_plan")))

    has_add_permission = has_change_permission = has_delete_permission = can_edit


class RuleColumns:
    """The terms of a rule as people read them."""

    column_names: ClassVar = [
        "target", "audience", "tier1_value", "tier2_value", "base_label", "asset",
        "valid", "boost_window", "priority",
    ]  # fmt: skip

    @column(_("rule"))
    def number(self, rule: Rule) -> str:
        return f"#{rule.pk}"

    @column(_("for goods"))
    def target(self, rule: Rule) -> str:
        return str(rule.product or rule.category or Layer(rule.layer).label)

    @column(_("for distributors"))
    def audience(self, rule: Rule) -> str:
        return str(rule.level or rule.segment or _("everyone"))

    @column(_("tier 1"))
    def tier1_value(self, rule: Rule) -> str:
        return value_text(rule, rule.tier1)

    @column(_("tier 2"))
    def tier2_value(self, rule: Rule) -> str:
        return value_text(rule, rule.tier2)

    @column(_("computed as"))
    def base_label(self, rule: Rule) -> str:
        return str(BASES[basis_of(rule)][2])

    @column(_("valid"))
    def valid(self, rule: Rule) -> str:
        return window_text(rule.starts_at, rule.ends_at)

    @column(_("boost"))
    def boost_window(self, rule: Rule) -> str:
        return boost_text(rule) or NOTHING


class ReadOnlyRuleInline(RuleColumns, RulePage, ReadOnlyInline):
    fields = readonly_fields = RuleColumns.column_names
    hide_title = True


def value_text(rule: Rule, value: int | None) -> str:
    if value is None:
        return NOTHING
    return percent(value) if rule.kind == Rule.Kind.PERCENT else amount(value, Asset(rule.asset))


def boost_text(rule: Rule) -> str:
    if rule.boost is None:
        return ""
    return f"{percent(rule.boost)}, {window_text(rule.boost_from, rule.boost_until)}"


def window_text(begins: Any, ends: Any) -> str:
    if begins is None and ends is None:
        return str(_("always"))
    first, last = (format_moment(at) if at else "" for at in (begins, ends))
    return f"{first} – {last}".strip()
