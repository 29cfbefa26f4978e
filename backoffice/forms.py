"""Forms that the decisions of desks share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.fields import MAX_TEXT_LENGTH, text_field


class ReasonForm(forms.Form):
    """Asks for a reason, which the member or colleagues read."""

    reason = text_field(_("reason"))


class AnswerForm(forms.Form):
    """Asks for an answer that the member reads."""

    reason = forms.CharField(
        label=_("answer to the member"), max_length=MAX_TEXT_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )  # fmt: skip
