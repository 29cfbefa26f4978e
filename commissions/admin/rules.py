# mypy: allow-subclassing-any, allow-any-generics
"""The rules of a plan: editable in a draft, read-only afterwards."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline

from backoffice.base import NOTHING, ReadOnlyInline, column
from backoffice.fields import (
    PercentField,
    format_percent,
    format_yuan,
    parse_percent,
    parse_yuan,
    text_field,
)
from commissions.explanations.amounts import amount, moment, percent
from commissions.models import Rule
from commissions.models.plan import MAX_FIXED_AMOUNT, Layer
from commissions.rules import ONE_HUNDRED_PERCENT
from ledger.chart import Asset

TIERS = ("tier1", "tier2")
UNIQUE_FIELDS = ("layer", "product", "category", "level", "segment", "priority")
POINTS = re.compile(r"\d{1,10}", re.ASCII)


def parse_value(text: str, *, kind: str, asset: str) -> int | None:
    """Return a tier's value from a percentage, yuan or whole points; ``None`` if blank."""
    if not text.strip():
        return None
    if kind == Rule.Kind.PERCENT:
        return parse_percent(text)
    if asset == Asset.POINTS:
        if not POINTS.fullmatch(text.strip()):
            raise ValidationError(_("Enter points as a whole number, such as 30."), code="points")
        return int(text)
    return parse_yuan(text)


def format_value(value: int | None, *, kind: str, asset: str) -> str:
    if value is None:
        return ""
    if kind == Rule.Kind.PERCENT:
        return format_percent(value)
    return str(value) if asset == Asset.POINTS else format_yuan(value)


class RuleForm(forms.ModelForm):
    tier1 = text_field(
        _("tier 1"),
        required=False,
        help_text=_("Percent as 10 or 8.25; a fixed amount in yuan, or in whole points."),
    )
    tier2 = text_field(_("tier 2"), required=False)
    boost = PercentField(
        label=_("boost"), required=False, help_text=_("In percent: 200 pays double.")
    )

    class Meta:
        model = Rule
        fields = [
            "layer", "product", "category", "level", "segment", "priority", "kind", "tier1",
            "tier2", "base", "asset", "starts_at", "ends_at", "boost", "boost_from", "boost_until",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        for tier in TIERS:
            self.initial[tier] = format_value(getattr(rule, tier), kind=rule.kind, asset=rule.asset)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for tier in TIERS:
            self._read(tier, given)
        self._check_target(given)
        if given.get("level") and given.get("segment"):
            self.add_error("segment", _("A rule applies to a level or to a segment, not to both."))
        if given.get("base") == Rule.Base.PROFIT and given.get("kind") != Rule.Kind.PERCENT:
            self.add_error("base", _("Only a percentage has a base; choose “paid”."))
        self._check_times(given)
        return given

    def _read(self, tier: str, given: dict[str, Any]) -> None:
        kind, asset = given.get("kind", ""), given.get("asset", "")
        try:
            value = parse_value(given.get(tier) or "", kind=kind, asset=asset)
        except ValidationError as refusal:
            self.add_error(tier, refusal)
            return
        given[tier] = value
        if value and value > (
            ONE_HUNDRED_PERCENT if kind == Rule.Kind.PERCENT else MAX_FIXED_AMOUNT
        ):
            self.add_error(tier, _("This exceeds what an order can pay."))

    def _check_target(self, given: dict[str, Any]) -> None:
        layer = given.get("layer")
        for field in (Layer.PRODUCT, Layer.CATEGORY):  # each has a field of its name
            if layer == field and not given.get(field):
                self.add_error(field, _("Choose what this layer's rule applies to."))
            if layer and layer != field and given.get(field):
                self.add_error(
                    field, _("Rules of this layer do not use this field: leave it empty.")
                )

    def _check_times(self, given: dict[str, Any]) -> None:
        begins, ends = given.get("starts_at"), given.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error("ends_at", _("The end must be after the start."))
        boost = [given.get(name) for name in ("boost", "boost_from", "boost_until")]
        if not any(boost):
            return
        if not all(boost):
            self.add_error("boost", _("A boost needs its percentage, its start and its end."))
        elif not ONE_HUNDRED_PERCENT <= given["boost"] <= 10 * ONE_HUNDRED_PERCENT:
            self.add_error("boost", _("A boost is between 100 and 1000 percent."))
        elif given["boost_until"] <= given["boost_from"]:
            self.add_error("boost_until", _("The end must be after the start."))


class RulesFormSet(forms.BaseInlineFormSet):
    def clean(self) -> None:
        super().clean()
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            given = getattr(form, "cleaned_data", {})
            if not given or given.get("DELETE"):
                continue
            key = tuple(map(given.get, UNIQUE_FIELDS))
            if key in seen:
                form.add_error(
                    "priority",
                    _("Another rule for the same target has this priority: choose another."),
                )
            seen.add(key)


class RulePage:
    """Rules follow the permissions of their plan."""

    model = Rule
    rule_fields: ClassVar = [
        ("layer", "product", "category"),
        ("level", "segment", "priority"),
        ("kind", "tier1", "tier2"),
        ("base", "asset"),
        ("starts_at", "ends_at"),
        ("boost", "boost_from", "boost_until"),
    ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rights = ("commissions.view_plan", "commissions.change_plan", "commissions.view_rule")
        return any(map(request.user.has_perm, rights))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rule]:
        rules: QuerySet[Rule] = super().get_queryset(request)  # type: ignore[misc]
        return rules.select_related("plan", "product", "category", "level", "segment").order_by(
            "pk"
        )


class RuleInline(RulePage, StackedInline):
    form = RuleForm
    formset = RulesFormSet
    extra = 0
    autocomplete_fields = ["product", "category"]
    fields = RulePage.rule_fields

    def can_edit(self, request: HttpRequest, obj: Any = None) -> bool:
        return any(map(request.user.has_perm, ("commissions.add_plan", "commissions.change_plan")))

    has_add_permission = has_change_permission = has_delete_permission = can_edit


class RuleColumns:
    """The terms of a rule as people read them."""

    column_names: ClassVar = [
        "number", "target", "audience", "tier1_value", "tier2_value", "base_label", "asset",
        "priority", "valid", "boost_window",
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
        return _value(rule, rule.tier1)

    @column(_("tier 2"))
    def tier2_value(self, rule: Rule) -> str:
        return _value(rule, rule.tier2)

    @column(_("base"))
    def base_label(self, rule: Rule) -> str:
        percentage = rule.kind == Rule.Kind.PERCENT
        return str(Rule.Base(rule.base).label if percentage else Rule.Kind(rule.kind).label)

    @column(_("valid"))
    def valid(self, rule: Rule) -> str:
        return _window(rule.starts_at, rule.ends_at)

    @column(_("boost"))
    def boost_window(self, rule: Rule) -> str:
        if rule.boost is None:
            return NOTHING
        return f"{percent(rule.boost)}, {_window(rule.boost_from, rule.boost_until)}"


class ReadOnlyRuleInline(RuleColumns, RulePage, ReadOnlyInline):
    fields = readonly_fields = RuleColumns.column_names
    hide_title = True


def _value(rule: Rule, value: int | None) -> str:
    if value is None:
        return NOTHING
    return percent(value) if rule.kind == Rule.Kind.PERCENT else amount(value, Asset(rule.asset))


def _window(begins: Any, ends: Any) -> str:
    if begins is None and ends is None:
        return str(_("always"))
    return f"{moment(begins) if begins else ''} – {moment(ends) if ends else ''}".strip()
