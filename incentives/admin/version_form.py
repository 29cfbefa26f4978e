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
from incentives.models import Version
from incentives.models.incentive import MAX_VALUE, Audience, Metric
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
            "Of the share by which an order came; orders without a share never match one. Empty:"
            " all orders."
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
                "Of each time: so many orders, friends or proofs; of “each n”: so many times; of"
                " steps: the first ones. If each order is rewarded for itself, it counts per day"
                " of payment. Empty: no limit."
            ),
            "budget_awards": _("Empty: no limit."),
        }

    def clean_min_amount(self) -> int:
        return self.cleaned_data["min_amount"] or 0

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("min_amount", "budget_amount", "confirm_above"):
            if (given.get(name) or 0) > MAX_VALUE:
                self.add_error(name, _("Choose a value above 0 and up to a hundred million."))
        for name in ("budget_amount", "budget_awards", "most_per_member"):
            if given.get(name) == 0:
                self.add_error(name, _("It must be above 0, or empty for no limit."))
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("The end must be after the start."))
        if given.get("metric") == Metric.TEAM_POOL:
            given["takes_back_after_close"] = False  # the form hides it
        self._check_audience(given)
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
