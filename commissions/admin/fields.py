"""Form fields of a rule's value and of a plan's layers."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.fields import format_percent, format_yuan, parse_percent, parse_yuan
from commissions.models import Rule
from commissions.models.plan import Layer
from ledger.chart import Asset

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
