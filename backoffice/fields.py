"""Form fields for amounts, percentages and months."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _
from unfold.widgets import DATETIME_CLASSES, UnfoldAdminTextInputWidget

from common import clock, money

PERCENT = re.compile(r"(\d{1,5})(?:\.(\d{1,2}))?\s*%?", re.ASCII)
MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
FIRST_YEAR, LAST_YEAR = clock.EARLIEST_TIME.year, clock.LATEST_TIME.year - 1
MAX_TEXT_LENGTH = 200
MOMENT_FORMAT = "%Y-%m-%dT%H:%M"
POSITIVE = MinValueValidator(1, message=_("The amount must be above 0."))


def validate_day(value: date) -> None:
    """Refuse a day or moment that other days cannot be computed from: years end, or zones do."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValidationError(
            _("Choose a day between %(first)s and %(last)s."),
            params={"first": FIRST_YEAR, "last": LAST_YEAR},
            code="year",
        )


def text_field(label: Any, max_length: int = MAX_TEXT_LENGTH, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=max_length, widget=UnfoldAdminTextInputWidget, **options
    )


def parse_yuan(text: str) -> int:
    """Return fen, at least 0, from ``12.30`` or ``¥12.30``, also in full-width digits."""
    try:
        fen = money.parse_yuan(unicodedata.normalize("NFKC", text).strip().removeprefix("¥"))
    except money.InvalidAmount as error:
        raise ValidationError(str(error), code=error.code) from None
    if fen < 0:
        raise ValidationError(_("This amount cannot be below 0."), code="negative")
    return fen


def parse_percent(text: str) -> int:
    """Return basis points from ``10``, ``8.25`` or ``8.25 %``, also in full-width digits."""
    match = PERCENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise ValidationError(
            _("“%(text)s” is not a percentage. Write it like 10 or 8.25."),
            params={"text": text[:40]},
            code="percent",
        )
    whole, rest = match.groups()
    return int(whole) * 100 + int((rest or "").ljust(2, "0"))


def format_percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}"


class _ConvertedField(forms.Field):
    """A whole number that people write another way."""

    widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"})
    parse: Any
    format: Any

    def prepare_value(self, value: Any) -> Any:
        return type(self).format(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        return None if value in self.empty_values else type(self).parse(str(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class YuanField(_ConvertedField):
    """An amount: yuan in the form, fen in the code, at least 0."""

    parse = staticmethod(parse_yuan)
    format = staticmethod(money.plain_yuan)


class PercentField(_ConvertedField):
    """A percentage: percent in the form, basis points in the code."""

    parse = staticmethod(parse_percent)
    format = staticmethod(format_percent)


class RowSelect(AutocompleteSelect):
    """Finds a row while typing; a key that no row can have selects nothing."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [key for key in value if self._is_key(key)], attr)

    def _is_key(self, key: Any) -> bool:
        try:
            self.field.target_field.to_python(key)
        except ValidationError:
            return False
        return True


class MonthField(forms.Field):
    widget = UnfoldAdminTextInputWidget(attrs={"placeholder": "2026-11"})

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        text = str(value).strip()
        try:
            month = date.fromisoformat(f"{text}-01" if MONTH.fullmatch(text) else "")
        except ValueError:
            raise ValidationError(_("Write the month like 2026-11.")) from None
        validate_day(month)
        return month


class MomentField(forms.DateTimeField):
    """A moment to the minute in the time zone of the office, with the browser's own calendar.

    Empty is ``None``.
    """

    default_error_messages = {"invalid": _("This is not a moment. Write it like 2026-11-26 12:15.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("required", False)
        attributes = {"type": "datetime-local", "class": " ".join(DATETIME_CLASSES)}
        widget = forms.DateTimeInput(format=MOMENT_FORMAT, attrs=attributes)
        formats = [MOMENT_FORMAT, "%Y-%m-%d %H:%M", "%Y-%m-%d"]
        super().__init__(widget=widget, input_formats=formats, validators=[validate_day], **options)
