"""Forms of the page of an import."""

from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.fields import MomentField, text_field
from integration.models.mall_import import MAX_NAME_LENGTH

USUAL_ZONES = [
    ("Asia/Shanghai", _("China (Asia/Shanghai)")), ("UTC", _("UTC")),
    ("Asia/Hong_Kong", _("Hong Kong (Asia/Hong_Kong)")), ("Asia/Tokyo", _("Tokyo (Asia/Tokyo)")),
    ("Asia/Singapore", _("Singapore (Asia/Singapore)")),
]  # fmt: skip


class NameForm(forms.Form):
    name = text_field(
        _("name"), max_length=MAX_NAME_LENGTH,
        help_text=_("Such as “Youzan 2025”. The plan that the rules become has this name, too."),
    )  # fmt: skip


class OptionsForm(forms.Form):
    zone = forms.CharField(label=_("time zone of times without an offset"), max_length=60)
    until = MomentField(label=_("leave out everything after"))
    skip_bad = forms.BooleanField(label=_("leave out orders with errors"), required=False)

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"]).strip()
        if zone not in available_timezones():
            raise forms.ValidationError(
                _("“%(name)s” is not a time zone such as Asia/Shanghai") % {"name": zone}
            )
        return zone
