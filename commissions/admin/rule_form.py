# mypy: allow-subclassing-any, allow-any-generics
"""The form of a rule: values as people write them, and only the fields that its layer needs."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.fields import (
    MomentField,
    PercentField,
    format_percent,
    parse_percent,
    parse_yuan,
    text_field,
)
from backoffice.pickers import PickerField, PickerWidget
from backoffice.site_search import Hit
from catalog.admin.search import CATEGORIES, PRODUCTS
from catalog.models import Category, Product
from commissions.models import Rule
from commissions.models.plan import MAX_FIXED_AMOUNT, Layer
from commissions.rules import ONE_HUNDRED_PERCENT
from common.money import plain_yuan
from distribution.models import Level, Segment
from ledger.chart import Asset

TIERS = ("tier1", "tier2")
UNIQUE_FIELDS = ("layer", "product", "category", "audience", "priority")
POINTS = re.compile(r"\d{1,10}", re.ASCII)
BASES = {
    "paid": (Rule.Kind.PERCENT, Rule.Base.PAID, _("% of the amount paid")),
    "profit": (Rule.Kind.PERCENT, Rule.Base.PROFIT, _("% of the profit")),
    "per_unit": (Rule.Kind.PER_UNIT, Rule.Base.PAID, _("fixed per unit")),
    "per_order": (Rule.Kind.PER_ORDER, Rule.Base.PAID, _("fixed per order")),
}
"""How a rule computes, as one choice: kind, base and label by the choice's name."""
EVERYONE = ""
LIMITS = ("starts_at", "ends_at", "boost", "boost_from", "boost_until", "priority")
UNSET = (None, "", 0, "0")
Choices = list[tuple[Any, Any]]


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
    return str(value) if asset == Asset.POINTS else plain_yuan(value)


def basis_of(rule: Rule) -> str:
    """Return the name of the choice for a rule's kind and base."""
    return str(rule.base if rule.kind == Rule.Kind.PERCENT else rule.kind)


def audience_choices() -> Choices:
    """Return everyone, the levels and the segments, in two queries."""
    levels = [(f"level:{row.pk}", row.name) for row in Level.objects.order_by("rank")]
    segments = [(f"segment:{row.pk}", row.name) for row in Segment.objects.order_by("name")]
    groups = [(_("levels"), levels), (_("segments"), segments)]
    return [(EVERYONE, _("everyone")), *[group for group in groups if group[1]]]


def audience_of(rule: Rule) -> str:
    """Return the value of the choice for a rule's audience."""
    if rule.level_id:
        return f"level:{rule.level_id}"
    return f"segment:{rule.segment_id}" if rule.segment_id else EVERYONE


class ValueForm(forms.ModelForm):
    """How much a rule pays: the fields that every rule has."""

    basis = forms.ChoiceField(
        label=_("computed as"), choices=[(name, label) for name, (*_, label) in BASES.items()],
        widget=UnfoldAdminSelectWidget,
    )  # fmt: skip
    tier1 = text_field(_("tier 1"), required=False)
    tier2 = text_field(_("tier 2"), required=False)

    class Meta:
        model = Rule
        fields = ["tier1", "tier2", "asset"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance
        self.initial["basis"] = basis_of(rule)
        for tier in TIERS:
            self.initial[tier] = format_value(getattr(rule, tier), kind=rule.kind, asset=rule.asset)
            if tier in self.fields:  # a page that is read-only has no fields
                attributes = {"inputmode": "decimal", "autocomplete": "off"}
                self.fields[tier].widget.attrs |= attributes

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        basis = given.get("basis")
        if basis:
            self.instance.kind, self.instance.base, _label = BASES[basis]
            for tier in TIERS:
                self._read(tier, given)
        return given

    def _read(self, tier: str, given: dict[str, Any]) -> None:
        kind = self.instance.kind
        try:
            value = parse_value(given.get(tier) or "", kind=kind, asset=given.get("asset", ""))
        except ValidationError as refusal:
            self.add_error(tier, refusal)
            return
        given[tier] = value
        if value and value > (
            ONE_HUNDRED_PERCENT if kind == Rule.Kind.PERCENT else MAX_FIXED_AMOUNT
        ):
            self.add_error(tier, _("This exceeds what an order can pay."))


class GoodsPicker(PickerWidget):
    """A picker that knows the name of the saved row, without a search for each rule."""

    known: Hit | None = None

    def picked(self, value: str) -> Hit | None:
        if self.known and value == self.known.value:
            return self.known
        return super().picked(value)


class RuleForm(ValueForm):
    """A rule of a plan; the fields of other layers are ignored, as the page hides them."""

    product = PickerField(
        PRODUCTS, label=_("product"), required=False, widget=GoodsPicker(PRODUCTS),
        to_row=lambda key: Product.objects.get(public_id=key),
    )  # fmt: skip
    category = PickerField(
        CATEGORIES, label=_("category"), required=False, widget=GoodsPicker(CATEGORIES),
        to_row=lambda key: Category.objects.get(code=key),
    )  # fmt: skip
    audience = forms.ChoiceField(
        label=_("for distributors"), required=False, widget=UnfoldAdminSelectWidget
    )
    boost = PercentField(
        label=_("boost"), required=False, help_text=_("In percent: 200 pays double.")
    )
    starts_at = MomentField(label=_("valid from"))
    ends_at = MomentField(label=_("valid until"))
    boost_from = MomentField(label=_("boost from"))
    boost_until = MomentField(label=_("boost until"))

    class Meta:
        model = Rule
        fields = [
            "layer", "product", "category", "tier1", "tier2", "asset", "priority",
            "starts_at", "ends_at", "boost", "boost_from", "boost_until",
        ]  # fmt: skip

    def __init__(self, *args: Any, audiences: Choices | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            # The first rule is usually for the whole store; those that are added are exceptions.
            is_added = "__prefix__" in (self.prefix or "")
            self.initial["layer"] = Layer.PRODUCT if is_added else Layer.STORE
        self.initial["audience"] = audience_of(self.instance)
        self._name_goods(self.instance)
        if "audience" in self.fields:
            self.fields["audience"].choices = audiences or audience_choices()  # type: ignore[attr-defined]
            self.fields["priority"].required = False
        for name, field in self.fields.items():
            if name != "DELETE":
                field.widget.attrs.setdefault("aria-label", str(field.label))

    def _name_goods(self, rule: Rule) -> None:
        for name, key in (("product", "public_id"), ("category", "code")):
            row = getattr(rule, name) if getattr(rule, f"{name}_id") else None
            self.initial[name] = getattr(row, key) if row else ""
            picker = self.fields[name].widget if name in self.fields else None
            if row and isinstance(picker, GoodsPicker):
                picker.known = Hit(str(row), "", "", getattr(row, key))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        self._set_audience(given.get("audience") or EVERYONE)
        self._check_target(given)
        self._check_times(given)
        given["priority"] = given.get("priority") or 0
        return given

    def _set_audience(self, audience: str) -> None:
        kind, _colon, key = audience.partition(":")
        self.instance.level_id = int(key) if kind == "level" else None
        self.instance.segment_id = int(key) if kind == "segment" else None

    def _check_target(self, given: dict[str, Any]) -> None:
        layer = given.get("layer")
        for field in (Layer.PRODUCT, Layer.CATEGORY):  # each has a field of its name
            if layer == field and not given.get(field):
                self.add_error(field, _("Choose what this layer's rule applies to."))
            elif layer != field:
                given[field] = None

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

    @property
    def limits(self) -> list[forms.BoundField]:
        """The fields that the page shows only on request."""
        return [self[name] for name in LIMITS]

    @property
    def is_limited(self) -> bool:
        """Whether one of these fields is set, or wrong."""
        return any(field.errors or field.value() not in UNSET for field in self.limits)


class RulesFormSet(forms.BaseInlineFormSet):
    @cached_property
    def audiences(self) -> Choices:
        return audience_choices()

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "audiences": self.audiences}

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
