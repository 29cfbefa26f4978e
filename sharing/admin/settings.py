# mypy: allow-any-generics
"""Settings of shares: landing pages, and how long shares last."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from backoffice.base import ModelAdmin
from backoffice.panels import PanelsMixin
from backoffice.settings_admin import SettingsAdmin, register
from backoffice.settings_index import Setting, days
from common import clock
from sharing import services
from sharing.landing import PLACEHOLDERS
from sharing.models import LandingPolicy, SharingPolicy


class LandingForm(forms.ModelForm):
    """Refuses placeholders that nothing fills, and addresses that are not safe."""

    def clean_url(self) -> str:
        url = _known(self.cleaned_data["url"])
        if url and not re.match(r"https://[^/\s]+|/[^/\\]", url):
            raise forms.ValidationError(
                _("Write an address with https://, or a path of our own pages."), code="invalid"
            )
        return url

    def clean_mini_path(self) -> str:
        path = _known(self.cleaned_data["mini_path"])
        if path.startswith("/") or "://" in path:
            raise forms.ValidationError(
                _("Write a path of the mini-program without / in front."), code="invalid"
            )
        return path


def _known(text: str) -> str:
    unknown = sorted(set(re.findall(r"{(.*?)}", text)) - set(PLACEHOLDERS))
    if unknown:
        raise forms.ValidationError(
            _("Only {sku}, {id} and {code} are filled, not %(names)s."),
            params={"names": ", ".join(unknown)}, code="unknown",
        )  # fmt: skip
    return text.strip()


@admin.register(LandingPolicy)
class LandingPolicyAdmin(PanelsMixin, ModelAdmin):
    form = LandingForm
    list_display = ["kind", "url", "mini_path"]
    fields = ["kind", "url", "mini_path"]
    ordering = ["kind"]
    sortable_by = ()

    def get_readonly_fields(self, request: Any, obj: LandingPolicy | None = None) -> list[str]:
        return ["kind"] if obj else []

    def save_model(self, request: Any, obj: LandingPolicy, form: Any, change: Any) -> None:
        services.set_landing(
            kind=obj.kind, url=obj.url, mini_path=obj.mini_path, by=request.user, at=clock.now()
        )

    def delete_model(self, request: Any, obj: LandingPolicy) -> None:
        services.remove_landing(landing=obj, by=request.user, at=clock.now())


@admin.register(SharingPolicy)
class SharingPolicyAdmin(SettingsAdmin):
    list_display = ["__str__", "share_days"]
    fields = ["share_days"]

    def apply_changes(self, row: SharingPolicy, changes: dict[str, Any], **by_and_at: Any) -> None:
        services.change_policy(**changes, **by_and_at)


NEXT_VISIT = _("Counts for the next visit of each share.")


def _landing(landing: LandingPolicy) -> str:
    """Say a landing page in one line."""
    return " · ".join(filter(None, (landing.url, landing.mini_path))) or gettext("our own page")


register(
    "sharing.landingpolicy",
    Setting("url", NEXT_VISIT, empty=_("our own page")),
    Setting("mini_path", NEXT_VISIT, empty=_("the page of shares")),
    summary=_landing,
)
register(
    "sharing.sharingpolicy",
    Setting(
        "share_days",
        _("Counts when a member asks for a share again; until then it keeps its end."),
        days,
        _("forever"),
    ),
)
