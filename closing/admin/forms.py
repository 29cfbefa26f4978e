"""Forms that several pages of this room use."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldBooleanSwitchWidget

from backoffice.fields import MonthField, text_field


class MonthForm(forms.Form):
    month = MonthField(label=_("month"))


class ExportForm(MonthForm):
    unmasked = forms.BooleanField(
        label=_("with real names and ID numbers in full"), required=False,
        widget=UnfoldBooleanSwitchWidget,
    )  # fmt: skip
    reason = text_field(
        _("reason"), required=False,
        help_text=_("Required for full names. Your name and reason are recorded."),
    )  # fmt: skip
