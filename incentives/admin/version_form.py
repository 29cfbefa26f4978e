# mypy: allow-subclassing-any, allow-any-generics
"""The form of a draft's own terms: amounts in yuan, goods and people picked by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from backoffice.fields import MomentField, YuanField
from catalog.admin.goods_select import category_select, product_select
from catalog.models import Category, Product
from distribution.models import Level, Segment
from incentives.checks import errors_of_storage
from incentives.models import Audience, Metric, Version
from incentives.terms import VERSION_FIELDS
from sharing.models import Share


class KeysField(forms.ModelMultipleChoiceField):
    """Rows of a table, stored as their keys in an array."""

    def __init__(self, rows: QuerySet[Any], **options: Any) -> None:
        super().__init__(rows, required=False, **options)

    def clean(self, value: Any) -> Any:
        rows: Iterable[Any] = super().clean(value)
        return sorted(row.pk for row in rows)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return sorted(map(str, initial or [])) != sorted(map(str, data or []))


class VersionForm(forms.ModelForm):
    products = KeysField(
        Product.objects.all(), label=_("products"), widget=product_select(),
        help_text=_("Empty: all products."),
    )  # fmt: skip
    categories = KeysField(
        Category.objects.all(), label=_("categories"), widget=category_select(),
        help_text=_("With those below them. Empty: all categories."),
    )  # fmt: skip
    channels = forms.MultipleChoiceField(
        choices=Share.Channel.choices, label=_("sharing channels"), required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "Count only orders that came through a share in these channels. Empty: all orders."
        ),
    )  # fmt: skip
    levels = KeysField(
        Level.objects.order_by("rank"), label=_("levels"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    segments = KeysField(
        Segment.objects.order_by("name"), label=_("segments"),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    min_amount = YuanField(
        label=_("orders from an amount of"), required=False,
        help_text=_("In yuan, paid for goods. Empty: all orders."),
    )  # fmt: skip
    budget_amount = YuanField(
        label=_("budget in money"), required=False,
        help_text=_(
            "In yuan. Once it is used up, further awards in money are refused. Coupons, gifts and"
            " points take nothing from it: limit them by the budget in awards. Empty: no limit."
        ),
    )  # fmt: skip
    confirm_above = YuanField(
        label=_("second person above"), required=False,
        help_text=_(
            "In yuan, of what the awards of a period are worth, with coupons and gifts. Empty: as"
            " in the settings."
        ),
    )  # fmt: skip
    starts_at = MomentField(label=_("starts at"), help_text=_("Empty: when it is published."))
    ends_at = MomentField(label=_("ends at"), help_text=_("Empty: until it is stopped."))

    class Meta:
        model = Version
        fields = VERSION_FIELDS
        widgets: ClassVar = {"terms": UnfoldAdminTextareaWidget(attrs={"rows": 3})}
        help_texts: ClassVar = {
            "terms": _("Members read it below the sentence that is made of the terms."),
            "friend_days": _("From the referral to the friend's first order."),
            "close_days": _(
                "After the end of a period, or after the day of payment if each order is rewarded"
                " for itself: until then refunds take back."
            ),
            "most_per_member": _(
                "The most that one member is rewarded for in a period: orders, friends or proofs if"
                " given each time; times if given each n; the first steps if given at steps."
                " Without a period: per day of payment. Empty: no limit."
            ),
            "budget_awards": _("Empty: no limit."),
        }

    def clean_min_amount(self) -> int:
        return self.cleaned_data["min_amount"] or 0

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("metric") == Metric.TEAM_POOL:
            given["takes_back_after_close"] = False  # the form hides it
        self._check_audience(given)
        terms = Version(**{name: given[name] for name in VERSION_FIELDS if name in given})
        for name, texts in errors_of_storage(terms, []).items():
            if name not in self.errors:
                self.add_error(name, texts)
        return given

    def _check_audience(self, given: dict[str, Any]) -> None:
        """Demand the levels or segments that the audience names, and drop the others."""
        is_pool = given.get("metric") == Metric.TEAM_POOL
        for name, audience in (("levels", Audience.LEVELS), ("segments", Audience.SEGMENTS)):
            needed = given.get("audience") == audience or (is_pool and name == "levels")
            if not needed:
                given[name] = []
            elif not given.get(name) and name not in self.errors:
                self.add_error(name, ValidationError(_("Choose at least one."), code="required"))
