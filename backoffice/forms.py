"""Forms that the decisions of desks share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.fields import text_field


class ReasonForm(forms.Form):
    """Asks for a reason, which the member or colleagues read."""

    reason = text_field(_("reason"))
