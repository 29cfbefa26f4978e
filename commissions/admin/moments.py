# mypy: allow-subclassing-any, allow-any-generics
"""A moment to the minute as one input, with the browser's own calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import DATETIME_CLASSES

from backoffice.fields import validate_day

FORMAT = "%Y-%m-%dT%H:%M"


class MomentField(forms.DateTimeField):
    """A moment in the time zone of the office; empty is ``None``."""

    default_error_messages = {"invalid": _("This is not a moment. Write it like 2026-11-26 12:15.")}

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(
            format=FORMAT, attrs={"type": "datetime-local", "class": " ".join(DATETIME_CLASSES)}
        )
        super().__init__(
            widget=widget, required=False,
            input_formats=[FORMAT, "%Y-%m-%d %H:%M", "%Y-%m-%d"], validators=[validate_day],
            **options,
        )  # fmt: skip
