"""Forms that the decisions of desks share, and what addresses fill into forms."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import DateField
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.fields import MAX_TEXT_LENGTH, text_field, validate_day


def readable(opts: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Return what an address fills into the form of a model, without days that are none."""
    days = {field.name: field for field in opts.fields if isinstance(field, DateField)}
    read = dict(given)
    for name in days.keys() & given.keys():
        try:
            read[name] = days[name].to_python(given[name])
            validate_day(read[name])
        except ValidationError:
            del read[name]
    return read


class ReasonForm(forms.Form):
    """Asks for a reason, which the member or colleagues read."""

    reason = text_field(_("reason"))


class AnswerForm(forms.Form):
    """Asks for an answer that the member reads."""

    reason = forms.CharField(
        label=_("answer to the member"), max_length=MAX_TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip
