"""Show two versions of a plan side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from backoffice.base import NOTHING
from commissions.admin.rule_form import BASES, basis_of
from commissions.admin.rules import boost_text, value_text, window_text
from commissions.models import Plan, Rule
from commissions.models.plan import Layer
from commissions.plan_changes import PlanChanges, RuleChange, compare_plans
from commissions.services.plans import rule_name
from common import clock
from common.money import percent

CHANGED_BY = {
    "tier1": ("tier1", "kind"), "tier2": ("tier2", "kind"), "basis": ("kind", "base"),
    "asset": ("asset",), "valid": ("starts_at", "ends_at"),
    "boost": ("boost", "boost_from", "boost_until"),
}  # fmt: skip
"""The fields of a rule that each column shows."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value before and after; ``is_changed`` marks it."""

    old: str
    new: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A rule as the table shows it. ``kind``: added, removed, changed or same."""

    name: str
    kind: str
    cells: list[Cell]

    @property
    def kind_text(self) -> str:
        return {
            "added": pgettext("rule of a plan", "new"),
            "removed": pgettext("rule of a plan", "removed"),
            "changed": pgettext("rule of a plan", "changed"),
            "same": pgettext("rule of a plan", "same"),
        }[self.kind]


@dataclass(frozen=True, slots=True)
class ChangeTable:
    """Two versions in the form of the template."""

    old: Plan
    new: Plan
    terms: list[tuple[str, str, str]]
    headers: list[str]
    rows: list[Row]
    same: int

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.rows)


def show(request: HttpRequest, plan: Plan) -> HttpResponse:
    """Compare a plan with another one: by default with the one in force, or the one before."""
    others = list(Plan.objects.exclude(pk=plan.pk).order_by("-pk")[:200])
    chosen = request.GET.get("with", "")
    other = next((row for row in others if str(row.pk) == chosen), None) or _usual(plan, others)
    everything = "all" in request.GET
    return TemplateResponse(
        request,
        "admin/commissions/compare.html",
        {
            "title": _("Compare versions"),
            "others": others,
            "other": other,
            "everything": everything,
            "changes": change_table(compare_plans(other, plan), everything=everything)
            if other
            else None,
        },
    )


def _usual(plan: Plan, others: list[Plan]) -> Plan | None:
    if plan.based_on_id:
        return next((row for row in others if row.pk == plan.based_on_id), None)
    current = Plan.objects.in_force(clock.now()).exclude(pk=plan.pk).first()
    return current or next(iter(others), None)


def change_table(changes: PlanChanges, *, everything: bool = False) -> ChangeTable:
    """Return the rows of the rules that differ, or of all rules."""
    rules = changes.rules if everything else changes.changed_rules
    return ChangeTable(
        old=changes.old,
        new=changes.new,
        terms=[(_term_name(name), _term(name, old), _term(name, new))
               for name, old, new in changes.terms],
        headers=[
            _("tier 1"), _("tier 2"), _("computed as"), _("asset"), _("valid"), _("boost"),
        ],
        rows=[_row(change) for change in rules],
        same=len(changes.rules) - len(changes.changed_rules),
    )  # fmt: skip


def _row(change: RuleChange) -> Row:
    old, new = _texts(change.old), _texts(change.new)
    cells = [
        Cell(before, after, change.kind == "changed" and bool(change.changed & set(fields)))
        for before, after, fields in zip(old, new, CHANGED_BY.values(), strict=True)
    ]
    return Row(rule_name(change.rule), change.kind, cells)


def _texts(rule: Rule | None) -> list[str]:
    if rule is None:
        return [""] * len(CHANGED_BY)
    return [
        value_text(rule, rule.tier1), value_text(rule, rule.tier2), str(BASES[basis_of(rule)][2]),
        str(rule.get_asset_display()), window_text(rule.starts_at, rule.ends_at),
        boost_text(rule) or NOTHING,
    ]  # fmt: skip


def _term_name(name: str) -> str:
    return str(Plan._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _term(name: str, value: Any) -> str:
    if name == "cap":
        return percent(value)
    if name == "combine":
        return str(Plan.Combine(value).label)
    return " → ".join(str(Layer(layer).label) for layer in value)
