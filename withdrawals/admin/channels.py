# mypy: allow-subclassing-any, allow-any-generics
"""Pause and resume one payout channel or all of them."""

from __future__ import annotations

from datetime import datetime

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from backoffice.base import ButtonsOnly, ReadOnlyAdmin, column
from backoffice.dialogs import ReasonForm, action_button
from backoffice.pages import Page, PagesMixin
from members.models import User
from withdrawals import services
from withdrawals.admin.dialogs import PauseForm
from withdrawals.gateways.ledger import LEDGER
from withdrawals.models import Channel


@admin.register(Channel)
class ChannelAdmin(PagesMixin, ButtonsOnly, ReadOnlyAdmin):
    """List the channels paused at least once; a page pauses any channel."""

    list_display = ["title", "status_badge", "paused_at", "pause_reason"]
    ordering = ["name"]
    sortable_by = ()
    fields = ["title", "paused_at", "pause_reason"]
    actions_detail = ["pause", "resume"]

    def hidden_buttons(self, row: Channel, by: User) -> list[str]:
        return ["pause"] if row.paused_at else ["resume"]

    def do_pause_channel(self, *, channel: str, reason: str, by: User, at: datetime) -> object:
        services.pause_channel(channel=channel, pause_reason=reason, by=by, at=at)
        return _("Payouts are paused.")

    pages = (
        # A channel that was never paused has no row with a button.
        Page(
            "pause_channel", _("Pause"), "withdrawals.change_channel", PauseForm,
            run=do_pause_channel, path="pause",
        ),
    )  # fmt: skip

    @action_button(
        _("Pause"),
        question=_("No more payouts are sent. Payouts already sent are still polled."),
        done=_("Payouts are paused."),
        permission="decide",
        form=ReasonForm,
        icon="pause_circle",
        variant=ActionVariant.DANGER,
    )
    def pause(self, row: Channel, *, reason: str, by: User, at: datetime) -> None:
        services.pause_channel(channel=row.name, pause_reason=reason, by=by, at=at)

    @action_button(
        _("Resume"),
        question=_("Waiting payouts are sent again."),
        done=_("Payouts are resumed."),
        permission="decide",
        icon="play_circle",
        variant=ActionVariant.PRIMARY,
    )
    def resume(self, row: Channel, *, by: User, at: datetime) -> None:
        services.resume_channel(channel=row.name, by=by, at=at)

    @column(_("channel"))
    def title(self, row: Channel) -> str:
        titles = {Channel.ALL: _("all: the kill switch"), LEDGER: _("store credit")}
        return str(titles.get(row.name, row.name))

    @column(_("status"), label={"paused": "danger", "open": "success"})
    def status_badge(self, row: Channel) -> tuple[str, str]:
        return ("paused", str(_("paused"))) if row.paused_at else ("open", str(_("in use")))
