# mypy: allow-subclassing-any, allow-any-generics
"""The rows of a draft's rewards: values as people write them, and only what their kind needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from backoffice.fields import (
    YuanField,
    format_percent,
    parse_percent,
    parse_yuan,
    text_field,
)
from backoffice.pickers import PickerField, PickerWidget
from backoffice.site_search import Hit
from catalog.admin.search import SKUS
from catalog.models import Sku
from common.money import plain_yuan
from distribution.models import Level
from incentives.admin.review import sorted_errors
from incentives.admin.words import gift_text
from incentives.checks import errors_of_storage
from incentives.models import Reward, Version
from incentives.models.incentive import MAX_VALUE
from incentives.reward_checks import MAX_DAYS, rate_error
from ledger.chart import Asset
from promotions.models import Coupon

Kind = Reward.Kind
RATES = (Kind.PERCENT, Kind.BOOST, Kind.FACTOR)
NEEDS: dict[str, tuple[str, ...]] = {
    Kind.AMOUNT: ("asset", "value"),
    Kind.PERCENT: ("asset", "value", "most"),
    Kind.COUPON: ("coupon",),
    Kind.GIFT: ("gift",),
    Kind.LEVEL: ("level", "days"),
    Kind.BOOST: ("value", "days"),
    Kind.FACTOR: ("value", "days"),
}
"""The fields of the form that each kind of reward has; the page shows only these."""
OPTIONAL = {"most"}
WHOLE = re.compile(r"\d{1,10}", re.ASCII)


def parse_whole(text: str) -> int:
    """Return a whole number of pieces or points."""
    if not WHOLE.fullmatch(text.strip()):
        raise ValidationError(_("Enter a whole number, such as 30."), code="whole")
    return int(text)


def coupon_choices() -> list[tuple[Any, Any]]:
    """Return the coupons that can be granted now, the newest first."""
    rows = Coupon.objects.filter(status=Coupon.Status.PUBLISHED).order_by("-pk")
    return [("", "—"), *((row.pk, row.name) for row in rows)]


def level_choices() -> list[tuple[Any, Any]]:
    return [("", "—"), *((row.pk, row.name) for row in Level.objects.order_by("rank"))]


class GiftPicker(PickerWidget):
    """A picker that knows the name of the saved gift, without a search for each row."""

    known: Hit | None = None

    def picked(self, value: str) -> Hit | None:
        if self.known and value == self.known.value:
            return self.known
        return super().picked(value)


class RewardForm(forms.ModelForm):
    """A reward of a draft; the fields of other kinds are ignored, as the page hides them."""

    threshold_text = text_field(pgettext_lazy("incentive", "from"), 20, required=False)
    value = text_field(_("how much"), 20, required=False)
    most = YuanField(label=_("at most"), required=False)
    gift = PickerField(
        SKUS, label=_("gift"), required=False, widget=GiftPicker(SKUS),
        to_row=lambda key: Sku.objects.get(code=key),
    )  # fmt: skip
    coupon = forms.ChoiceField(label=_("coupon"), required=False, widget=UnfoldAdminSelectWidget)
    level = forms.ChoiceField(label=_("level"), required=False, widget=UnfoldAdminSelectWidget)
    days = forms.IntegerField(
        label=_("days"), required=False, min_value=1, max_value=MAX_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )  # fmt: skip

    class Meta:
        model = Reward
        # A tuple: formsets append to a list, and forms that compare what they show would differ.
        fields = ("side", "first_rank", "last_rank", "kind", "asset")

    def __init__(
        self, *args: Any, version: Version | None = None,
        choices: Mapping[str, list[tuple[Any, Any]]] | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.version = version or Version()
        self._fill(self.instance)
        self._offer(choices or {"coupon": coupon_choices(), "level": level_choices()})
        for name, field in self.fields.items():
            if name != "DELETE":
                field.widget.attrs.setdefault("aria-label", str(field.label))
            if name in ("threshold_text", "value"):
                field.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def _fill(self, reward: Reward) -> None:
        """Show the values of the row as people write them."""
        if reward._state.adding:
            reward.asset = reward.asset or Asset.CASH
        self.initial.update({
            "asset": reward.asset or Asset.CASH,
            "threshold_text": self._threshold_as_text(reward.threshold),
            "value": value_as_text(reward),
            "most": reward.most,
            "days": reward.days,
            "coupon": reward.coupon_id or "",
            "level": reward.level_id or "",
            "gift": reward.gift.code if reward.gift else "",
        })  # fmt: skip
        picker = self.fields["gift"].widget if "gift" in self.fields else None
        if reward.gift and isinstance(picker, GiftPicker):
            picker.known = Hit(gift_text(reward), "", "", reward.gift.code)

    def _offer(self, choices: Mapping[str, list[tuple[Any, Any]]]) -> None:
        for name in ("coupon", "level"):
            if name in self.fields:
                self.fields[name].choices = self._with_own(name, choices[name])  # type: ignore[attr-defined]
        if "asset" in self.fields:
            self.fields["asset"].required = False
            self.fields["asset"].choices = Asset.choices  # type: ignore[attr-defined]

    def _with_own(self, name: str, choices: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
        """Return the choices with that of the row, such as a coupon that has ended since."""
        key = getattr(self.instance, f"{name}_id")
        if key and key not in [value for value, _label in choices]:
            return [*choices, (key, str(getattr(self.instance, name)))]
        return choices

    def _threshold_as_text(self, threshold: int | None) -> str:
        if threshold is None:
            return ""
        return plain_yuan(threshold) if self.version.counts_money else str(threshold)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        self._read_moment(given)
        kind = given.get("kind")
        if kind:
            self._read_gift(kind, given)
        return given

    def _read_moment(self, given: dict[str, Any]) -> None:
        """Read the step or the places, whichever the way of giving needs."""
        reward, reach = self.instance, self.version.reach
        text = (given.get("threshold_text") or "").strip()
        if reach == Version.Reach.RANK:
            self._read_places(given)
            return
        given["first_rank"] = given["last_rank"] = None
        if reach == Version.Reach.EACH:
            reward.threshold = 1
        elif not text:
            self.add_error("threshold_text", _("Say from which value on it is given."))
        else:
            parse = parse_yuan if self.version.counts_money else parse_whole
            reward.threshold = self._parsed("threshold_text", parse, text)

    def _read_places(self, given: dict[str, Any]) -> None:
        self.instance.threshold = None
        first, last = given.get("first_rank"), given.get("last_rank")
        if first is None and "first_rank" not in self.errors:
            self.add_error("first_rank", _("Say which place gets it."))
        given["last_rank"] = last or first
        if first and last and last < first:
            self.add_error("last_rank", _("The last place is before the first one."))

    def _read_gift(self, kind: str, given: dict[str, Any]) -> None:
        """Set the fields of the kind, and empty those of other kinds."""
        reward, needs = self.instance, NEEDS[kind]
        given["asset"] = (given.get("asset") or Asset.CASH) if "asset" in needs else ""
        reward.amount = reward.rate = None
        reward.coupon_id = reward.level_id = None
        reward.gift = None
        for name in ("most", "days"):
            setattr(reward, name, given.get(name) if name in needs else None)
        for name in needs:
            if name not in OPTIONAL and not given.get(name) and name not in self.errors:
                self.add_error(name, _("This kind of reward needs it."))
        if "value" in needs and given.get("value"):
            self._read_value(kind, given)
        if "coupon" in needs and given.get("coupon"):
            reward.coupon_id = int(given["coupon"])
        if "level" in needs and given.get("level"):
            reward.level_id = int(given["level"])
        if "gift" in needs and given.get("gift"):
            reward.gift = given["gift"]

    def _read_value(self, kind: str, given: dict[str, Any]) -> None:
        text = given["value"]
        if kind in RATES:
            rate = self._parsed("value", parse_percent, text)
            self.instance.rate = rate
            if rate is not None and (problem := rate_error(kind, rate)):
                self.add_error("value", problem)
            return
        parse = parse_whole if given["asset"] == Asset.POINTS else parse_yuan
        self.instance.amount = self._parsed("value", parse, text)

    def _parsed(self, name: str, parse: Any, text: str) -> int | None:
        """Return a positive number, or add the error to the field."""
        try:
            number: int = parse(text)
        except ValidationError as refusal:
            self.add_error(name, refusal)
            return None
        if not 0 < number <= MAX_VALUE:
            self.add_error(name, _("Choose a value above 0 and up to a hundred million."))
            return None
        return number

    @property
    def is_blank(self) -> bool:
        """Whether it is a new row in which nothing is typed."""
        return self.empty_permitted and not self.has_changed()

    def reward(self) -> Reward:
        """Return the reward of the row, not saved."""
        fields = [field.attname for field in Reward._meta.concrete_fields]
        values = {name: getattr(self.instance, name) for name in fields}
        return Reward(**{k: v for k, v in values.items() if k not in ("id", "version_id")})


def value_as_text(reward: Reward) -> str:
    """Return the amount, percentage or multiple of a reward as people write it."""
    if reward.kind in RATES:
        return "" if reward.rate is None else format_percent(reward.rate)
    if reward.amount is None:
        return ""
    return str(reward.amount) if reward.asset == Asset.POINTS else plain_yuan(reward.amount)


class RewardsFormSet(forms.BaseInlineFormSet):
    @cached_property
    def choices(self) -> Mapping[str, list[tuple[Any, Any]]]:
        return {"coupon": coupon_choices(), "level": level_choices()}

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {
            **super().get_form_kwargs(index), "version": self.instance, "choices": self.choices,
        }  # fmt: skip

    def clean(self) -> None:
        """Refuse here what the service would refuse, so that nothing that was typed is lost.

        What is wrong with the terms themselves ``VersionForm`` shows.
        """
        super().clean()
        rows = self.kept_forms()
        _fields, errors = sorted_errors(errors_of_storage(self.instance, self.rewards()))
        for place, found in errors.items():
            for name, texts in found.items():
                rows[place].add_error(name if name in rows[place].fields else None, texts)

    def kept_forms(self) -> list[Any]:
        """Return the valid rows that stay, in their order."""
        rows: list[Any] = self.forms
        return [
            form
            for form in rows
            if form.is_valid() and not form.cleaned_data.get("DELETE") and not form.is_blank
        ]

    def rewards(self) -> list[Reward]:
        """Return the rewards of these rows; none of them is saved."""
        return [form.reward() for form in self.kept_forms()]
