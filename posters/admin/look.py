# mypy: allow-subclassing-any, allow-any-generics
"""The look of the shop on its posters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from backoffice.base import NOTHING, column
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting
from common import clock
from common.media import public_url
from posters import services
from posters.models import ShopLook
from posters.services.look import TEXTS


class LookForm(forms.ModelForm):
    new_logo = forms.FileField(
        label=_("new logo"), required=False, widget=UnfoldAdminFileFieldWidget,
        help_text=_("JPEG, PNG or WebP, at most 2 MiB."),
    )  # fmt: skip
    no_logo = forms.BooleanField(label=_("remove the logo"), required=False)

    class Meta:
        model = ShopLook
        fields = [*TEXTS, "is_ad"]


@admin.register(ShopLook)
class ShopLookAdmin(SettingsAdmin):
    form = LookForm
    list_display = ["__str__", "name", "slogan", "is_ad"]
    fields = ["name", "logo_picture", "new_logo", "no_logo", "slogan", "cta", "cta2", "footer",
              "is_ad"]  # fmt: skip
    readonly_fields = ["logo_picture"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        values = form.cleaned_data
        by_and_at: dict[str, Any] = {"by": request.user, "at": clock.now()}
        changes = {name: values[name] for name in form.changed_data if name in (*TEXTS, "is_ad")}
        services.change_look(**changes, **by_and_at)
        logo: UploadedFile | None = values.get("new_logo")
        if logo:
            services.change_logo(raw=logo.read(services.MAX_LOGO_BYTES + 1), **by_and_at)
        elif values.get("no_logo"):
            services.change_logo(raw=b"", **by_and_at)

    @column(_("logo"))
    def logo_picture(self, look: ShopLook) -> str:
        if not look.logo:
            return NOTHING
        return format_html('<img src="{}" alt="" width="96">', public_url(look.logo))


FROM_NOW_ON = _("Counts for posters that are drawn from now on.")
register(
    "posters.shoplook",
    Setting("name", FROM_NOW_ON, empty=_("the brand of the server's settings")),
    Setting("slogan", FROM_NOW_ON, empty=_("none")),
    Setting("cta", FROM_NOW_ON, empty=_("the usual text")),
    Setting("cta2", FROM_NOW_ON, empty=_("the usual text")),
    Setting("footer", FROM_NOW_ON, empty=_("none")),
    Setting("is_ad", FROM_NOW_ON),
)
