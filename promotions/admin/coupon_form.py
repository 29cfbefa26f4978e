# mypy: allow-subclassing-any, allow-any-generics
"""The form of a coupon: what it takes off, on which goods, when, and for how many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.fields import MomentField, PercentField, YuanField
from catalog.admin.goods_select import product_select
from catalog.models import Category, Product
from promotions import rules
from promotions.checks import errors_of
from promotions.models import Coupon
from promotions.rules import CouponTerms

DAYS, DATES = "days", "dates"
# The fields that count for a choice; what the form hides is not saved.
OF_KIND = {rules.AMOUNT: {"amount"}, rules.PERCENT: {"rate", "most"}, rules.PRODUCT: set()}
OF_VALIDITY = {DAYS: {"valid_days"}, DATES: {"valid_from", "valid_until"}}
OF_SCOPE = {rules.PRODUCTS: "products", rules.CATEGORIES: "categories"}
INDENT = "\u3000"  # a select collapses ordinary blanks


class CategoriesField(forms.ModelMultipleChoiceField):
    """Indents categories by their level."""

    def label_from_instance(self, obj: Category) -> str:
        return f"{INDENT * obj.level}{obj.name}"


class CouponForm(forms.ModelForm):
    """Saves nothing itself: ``terms`` are for the service."""

    amount = YuanField(label=_("amount off"), required=False, help_text=_("In yuan."))
    rate = PercentField(
        label=_("percentage off"), required=False,
        help_text=_("20 takes a fifth off: the buyer pays 80 percent."),
    )  # fmt: skip
    most = YuanField(
        label=_("at most"), required=False,
        help_text=_("In yuan. Empty: no limit, also on the largest order."),
    )  # fmt: skip
    threshold = YuanField(
        label=_("from an amount of"), required=False, initial=0,
        help_text=_("What the goods cost at least, in yuan. 0: any amount."),
    )  # fmt: skip
    products = forms.ModelMultipleChoiceField(
        Product.objects.all(), label=_("products"), required=False
    )
    categories = CategoriesField(
        Category.objects.order_by("tree_id", "lft"), label=_("categories"), required=False,
        help_text=_("Those below them count, too."),
    )  # fmt: skip
    validity = forms.ChoiceField(
        label=_("valid"), widget=UnfoldAdminSelectWidget, initial=DAYS,
        choices=((DAYS, _("some days from the grant")), (DATES, _("between two dates"))),
    )  # fmt: skip
    valid_from = MomentField(label=_("valid from"))
    valid_until = MomentField(label=_("valid until"))
    terms: CouponTerms | None = None

    class Meta:
        model = Coupon
        fields: ClassVar = [
            "name", "kind", "amount", "rate", "most", "threshold", "scope", "valid_days",
            "valid_from", "valid_until", "stock", "per_member", "is_claimable",
        ]  # fmt: skip
        labels: ClassVar = {"kind": _("way of taking off")}
        help_texts: ClassVar = {
            "name": _("Members read it, such as: coupon for newcomers."),
            "stock": _("How many are given at most. Empty: any number."),
            "per_member": _("How many one person gets at most, from claims and rewards together."),
            "is_claimable": _("Otherwise it is only given by incentives and by hand."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        products: Any = self.fields["products"]
        products.widget = product_select()
        products.widget.choices = products.choices
        coupon = self.instance
        if coupon.pk:
            self.initial["validity"] = DAYS if coupon.valid_days is not None else DATES
            if name := OF_SCOPE.get(coupon.scope):
                self.initial[name] = list(coupon.targets)

    def clean_threshold(self) -> int:
        return self.cleaned_data["threshold"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._drop_hidden(cleaned)
        self.terms = _terms(cleaned)
        for name, sentences in errors_of(self.terms).items():
            field = OF_SCOPE.get(self.terms.scope, "scope") if name == "targets" else name
            if field not in self.errors:
                for sentence in sentences:
                    self.add_error(field, sentence)
        return cleaned

    def validate_constraints(self) -> None:
        """Leave the constraints to ``errors_of``, which says of each field what is wrong."""

    def _drop_hidden(self, cleaned: dict[str, Any]) -> None:
        for name in _hidden(cleaned):
            self.errors.pop(name, None)
            cleaned[name] = None


def _hidden(cleaned: dict[str, Any]) -> Iterator[str]:
    """Return the fields that the choices of kind, validity and goods leave out."""
    for choice, fields in (("kind", OF_KIND), ("validity", OF_VALIDITY)):
        chosen = fields.get(cleaned.get(choice, ""), set())
        for others in fields.values():
            yield from others - chosen
    for scope, name in OF_SCOPE.items():
        if cleaned.get("scope") != scope:
            yield name


def _terms(cleaned: dict[str, Any]) -> CouponTerms:
    scope = cleaned.get("scope") or ""
    rows = cleaned.get(OF_SCOPE.get(scope, "")) or []
    names = ("amount", "rate", "most", "valid_days", "valid_from", "valid_until", "stock")
    return CouponTerms(
        name=cleaned.get("name") or "",
        kind=cleaned.get("kind") or "",
        threshold=cleaned.get("threshold") or 0,
        scope=scope,
        targets=sorted(row.pk for row in rows),
        per_member=cleaned.get("per_member") or 0,
        is_claimable=bool(cleaned.get("is_claimable")),
        **{name: cleaned.get(name) for name in names},
    )
