"""Shares, with buttons to switch them off and on, and the codes that WeChat gave for them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.base import ButtonsOnly, LargeTable, ReadOnlyAdmin, column, value_column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.search import Search
from common import clock
from members.models import User
from members.search import search_members
from sharing import services
from sharing.links import short_url
from sharing.models import MiniProgramCode, Share


class LiveFilter(DropdownFilter):  # type: ignore[misc]  # unfold brings no types
    title = _("state")
    parameter_name = "live"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("live")), ("expired", _("expired")), ("off", _("switched off"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Share]) -> QuerySet[Share]:
        at = clock.now()
        states: dict[str, dict[str, Any]] = {
            "off": {"disabled_at__isnull": False},
            "expired": {"expires_at__lte": at},
        }
        if self.value() == "yes":
            return queryset & Share.objects.live(at)
        return queryset.filter(**states.get(str(self.value()), {}))


@admin.register(Share)
class ShareAdmin(Search, ButtonsOnly, LargeTable, ReadOnlyAdmin):
    list_display = [
        "code", "member", "target_kind", "target_id", "channel", "label", "created_at",
        "expires_at", "disabled_at",
    ]  # fmt: skip
    date_fields = ["created_at", "expires_at", "disabled_at"]
    chips = ["live", "channel"]
    sort_fields = ["created_at"]
    list_select_related = ["member"]
    list_filter = [
        LiveFilter,
        ("target_kind", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
    ]
    search_fields = ["code"]
    search_help_text = _("Whole share code, whole id of a target, nickname or id of a member")
    search_exact = ("code", "target_id", "template")
    search_related: ClassVar = {"member": search_members}
    fields = [
        "code", "link", "member", "target_kind", "target_id", "channel", "label", "template",
        "created_at", "expires_at", "disabled_at",
    ]  # fmt: skip
    readonly_fields = ["link"]
    actions_detail = ["disable", "enable"]

    @column(_("link"))
    def link(self, share: Share) -> str:
        return short_url(share)

    def hidden_buttons(self, row: Share, by: Any) -> Collection[str]:
        return ["disable"] if row.disabled_at else ["enable"]

    @action_button(
        _("Switch off"),
        question=_("It opens nothing and binds nobody any more. What it has bound stays."),
        done=_("The share is switched off."),
        form=ReasonForm,
        icon="link_off",
    )
    def disable(self, row: Share, *, reason: str, by: User, at: datetime) -> None:
        services.disable_share(share=row, reason=reason, by=by, at=at)

    @action_button(
        _("Switch on"),
        question=_("It opens its target again, under the same code."),
        done=_("The share is switched on."),
        form=ReasonForm,
        icon="link",
    )
    def enable(self, row: Share, *, reason: str, by: User, at: datetime) -> None:
        services.enable_share(share=row, reason=reason, by=by, at=at)


ENVIRONMENTS = {
    "release": _("published version"), "trial": _("trial version"),
    "develop": _("version in development"),
}  # fmt: skip


@admin.register(MiniProgramCode)
class MiniProgramCodeAdmin(Search, LargeTable, ReadOnlyAdmin):
    list_display = [
        "share", "page", "environment", "requested_at", "fetched_at", "attempts", "next_at",
    ]  # fmt: skip
    date_fields = ["requested_at", "fetched_at"]
    sort_fields = ["requested_at"]
    list_select_related = ["share"]
    search_fields = ["share"]
    search_help_text = _("Whole share code")
    search_exact = ("share__code",)
    environment = value_column(
        _("version of the mini-program"), "env", lambda env: str(ENVIRONMENTS.get(env, env))
    )
    fields = [
        "share", "app_id", "page", "environment", "path", "requested_at", "fetched_at", "attempts",
        "next_at",
    ]  # fmt: skip
