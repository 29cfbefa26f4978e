"""Forms of endpoints: an address with the events that it gets, and days to send again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDateWidget,
    UnfoldAdminSelectWidget,
)

from backoffice.fields import text_field
from events.declarations import title_of
from integration.models import ApiClient
from webhooks.addresses import MAX_LENGTH
from webhooks.catalogue import TYPES


class EndpointForm(forms.Form):
    """What an endpoint of a client is; ``types``: none for all events."""

    url = text_field(_("address"), max_length=MAX_LENGTH)
    description = text_field(_("description"), required=False)
    types = forms.MultipleChoiceField(
        label=_("events; none for all"),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (name, title_of(name)) for name in TYPES
        ]


class NewEndpointForm(EndpointForm):
    field_order = ("client", "url", "description", "types")
    client = forms.ModelChoiceField(
        ApiClient.objects.filter(revoked_at=None), label=_("client"), widget=UnfoldAdminSelectWidget
    )


class ChangeForm(EndpointForm):
    """The present address is not shown, as it may hold a token."""

    url = text_field(
        _("new address"), max_length=MAX_LENGTH, required=False,
        help_text=_("Empty: the address stays. It is not shown, as it may hold a secret."),
    )  # fmt: skip


class DaysForm(forms.Form):
    """Days whose events are sent again."""

    first = forms.DateField(label=_("first day"), widget=UnfoldAdminDateWidget)
    last = forms.DateField(label=_("last day"), widget=UnfoldAdminDateWidget)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))
        return values
