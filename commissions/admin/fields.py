"""How people write rates and amounts, and how the code keeps them."""

from __future__ import annotations

import re
from itertools import permutations
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from commissions.models import Rule
from commissions.models.plan import Layer
from common import money
from ledger.chart import Asset

PERCENT = re.compile(r"(\d{1,5})(?:\.(\d{1,2}))?\s*%?", re.ASCII)
POINTS = re.compile(r"\d{1,10}", re.ASCII)


def parse_percent(text: str) -> int:
    """Basis points from ``10``, ``8.25`` or ``8.25 %``."""
    match = PERCENT.fullmatch(text.strip())
    if match is None:
        raise ValidationError(
            _("“%(text)s” is no percentage: write it like 10 or 8.25."),
            params={"text": text[:40]},
            code="percent",
        )
    whole, rest = match.groups()
    return int(whole) * 100 + int((rest or "").ljust(2, "0"))


def format_percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


def parse_value(text: str, *, kind: str, asset: str) -> int | None:
    """What a rule gives a tier: a percentage, yuan or whole points. Blank is ``None``."""
    if not text.strip():
        return None
    if kind == Rule.Kind.PERCENT:
        return parse_percent(text)
    if asset == Asset.POINTS:
        if not POINTS.fullmatch(text.strip()):
            raise ValidationError(_("Points are whole: write them like 30."), code="points")
        return int(text)
    try:
        fen = money.parse_yuan(text)
    except money.InvalidAmount as refusal:
        raise ValidationError(str(refusal), code=refusal.code) from None
    if fen < 0:
        raise ValidationError(_("This amount cannot be below 0."), code="negative")
    return fen


def format_value(value: int | None, *, kind: str, asset: str) -> str:
    if value is None:
        return ""
    if kind == Rule.Kind.PERCENT:
        return format_percent(value)
    return str(value) if asset == Asset.POINTS else money.format_yuan(value).replace(",", "")


class PercentField(forms.Field):
    """Percent for people, basis points for the code."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})

    def prepare_value(self, value: Any) -> Any:
        return format_percent(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        return None if value in self.empty_values else parse_percent(str(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


def layer_order_choices() -> list[tuple[str, str]]:
    """Every order in which layers may be asked, each layer once; all three come first."""
    return [
        (",".join(some), " → ".join(str(Layer(one).label) for one in some))
        for count in (3, 2, 1)
        for some in permutations(Layer.values, count)
    ]


class LayersField(forms.ChoiceField):
    """The order of a plan's layers, chosen as a whole: none comes twice, and none is invented."""

    widget = UnfoldAdminSelectWidget

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=layer_order_choices, **options)

    def prepare_value(self, value: Any) -> Any:
        return ",".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).split(",")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.prepare_value(initial) != data)
