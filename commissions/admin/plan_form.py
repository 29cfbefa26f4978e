# mypy: allow-subclassing-any, allow-any-generics
"""The form of a plan's own terms."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.fields import PercentField
from commissions.models import Plan
from commissions.models.plan import Layer, default_layers
from commissions.rules import ONE_HUNDRED_PERCENT

PLAN_FIELDS = ("name", "cap", "layers", "combine")


def layer_order_choices() -> list[tuple[str, str]]:
    """Return every order of the layers, each layer once, the orders of all three first."""
    return [
        (",".join(layers), " → ".join(str(Layer(layer).label) for layer in layers))
        for count in (3, 2, 1)
        for layers in permutations(Layer.values, count)
    ]


class LayersField(forms.ChoiceField):
    """The order of a plan's layers, chosen as a whole."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=layer_order_choices, **options)

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).split(",")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)


class PlanForm(forms.ModelForm):
    layers = LayersField(
        label=_("order of the layers"), initial=default_layers,
        help_text=_("The first layer with a rule for the goods decides, unless layers combine."),
    )  # fmt: skip
    cap = PercentField(
        label=_("cap"), initial=5_000,
        help_text=_("In percent of what remains paid on a line, over both tiers."),
    )  # fmt: skip

    class Meta:
        model = Plan
        fields = PLAN_FIELDS

    def clean_cap(self) -> int:
        cap: int = self.cleaned_data["cap"]
        if cap > ONE_HUNDRED_PERCENT:
            raise forms.ValidationError(_("The cap is at most 100 percent of the amount paid."))
        return cap
