# mypy: allow-subclassing-any, allow-any-generics
"""Ways of paying out: each can be stopped, and all of them at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from common import clock
from common.admin import ReadOnlyAdmin, column
from common.dialogs import ReasonForm, decision
from common.errors import TwotierError
from distribution.admin.base import DecisionOnly
from members.models import User
from withdrawals import services
from withdrawals.admin.dialogs import PauseForm
from withdrawals.models import Channel


@admin.register(Channel)
class ChannelAdmin(DecisionOnly, ReadOnlyAdmin):
    """Those that were paused once; a page besides pauses any."""

    list_display = ["title", "state", "paused_at", "pause_reason"]
    list_before_template = "admin/withdrawals/channel_list_header.html"
    ordering = ["name"]
    sortable_by = ()
    fields = ["title", "paused_at", "pause_reason"]
    actions_detail = ["pause", "resume"]

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.pause_channel)
        return [path("pause/", page, name="withdrawals_channel_pause_channel"), *super().get_urls()]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        row = self.get_object(request, unquote(str(object_id)))
        if row is None:
            return []
        hidden = "pause" if row.paused_at else "resume"
        found = super().get_actions_detail(request, object_id)
        return [action for action in found if action.path != hidden]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {**(extra_context or {}), "can_pause": self.has_decide_permission(request)}
        page: HttpResponse = super().changelist_view(request, shown)
        return page

    @decision(
        _("Pause"),
        question=_("Nothing more is sent. What was sent before is still asked for."),
        done=_("It is paused."),
        permission="decide",
        form=ReasonForm,
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )
    def pause(self, row: Channel, *, reason: str, by: User, at: datetime) -> None:
        services.pause(channel=row.name, pause_reason=reason, by=by, at=at)

    @decision(
        _("Resume"),
        question=_("What waits is sent from now on."),
        done=_("It goes on."),
        permission="decide",
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, row: Channel, *, by: User, at: datetime) -> None:
        services.resume(channel=row.name, by=by, at=at)

    def pause_channel(self, request: HttpRequest) -> HttpResponse:
        """A channel that was never paused has no row whose button could be pressed."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = PauseForm(request.POST if request.method == "POST" else None)
        to = reverse(f"{self.admin_site.name}:withdrawals_channel_changelist")
        if form.is_valid():
            by: Any = request.user
            given = form.cleaned_data
            try:
                services.pause(
                    channel=given["channel"], pause_reason=given["reason"], by=by, at=clock.now()
                )
            except TwotierError as refusal:
                messages.error(request, str(refusal))
            else:
                messages.success(request, _("It is paused."))
                return HttpResponseRedirect(to)
        return TemplateResponse(
            request,
            "admin/withdrawals/form.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Pause"),
                "form": form,
                "back": to,
            },
        )

    @column(_("channel"))
    def title(self, row: Channel) -> str:
        return str(_("all: the kill switch") if row.name == Channel.ALL else row.name)

    @column(_("status"), label={"paused": "danger", "open": "success"})
    def state(self, row: Channel) -> tuple[str, str]:
        return ("paused", str(_("paused"))) if row.paused_at else ("open", str(_("in use")))
