"""Pause and resume payouts of one channel or of all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from alarms.kinds import CHANNEL_PAUSED
from alarms.services import close_alarm, raise_alarm
from common.requirements import require_reason
from events.services import record
from members.models import User
from withdrawals.errors import ChannelPaused
from withdrawals.events import WITHDRAWALS_CHANNEL_PAUSED, WITHDRAWALS_CHANNEL_RESUMED
from withdrawals.models import Channel


@transaction.atomic
def pause_channel(*, channel: str, at: datetime, pause_reason: str, by: User | None = None) -> None:
    """Pause sending through a channel; ``Channel.ALL`` is the kill switch.

    Attempts already sent are still polled: they may have been paid.

    :raises ReasonRequired: the reason is empty or too long
    """
    pause_reason = require_reason(pause_reason)
    row, _ = Channel.objects.select_for_update().get_or_create(name=channel)
    if row.paused_at:
        return
    row.paused_at, row.pause_reason = at, pause_reason
    row.save()
    record(WITHDRAWALS_CHANNEL_PAUSED, row, at=at, by=by, pause_reason=row.pause_reason)
    raise_alarm(CHANNEL_PAUSED, row, at=at, reason=row.pause_reason)


@transaction.atomic
def resume_channel(*, channel: str, at: datetime, by: User) -> None:
    """Resume sending through a channel."""
    row = Channel.objects.select_for_update().filter(name=channel).first()
    if row and row.paused_at:
        row.paused_at, row.pause_reason = None, ""
        row.save()
        record(WITHDRAWALS_CHANNEL_RESUMED, row, at=at, by=by)
        close_alarm(CHANNEL_PAUSED, row, at=at)


def require_open(channel: str) -> None:
    """:raises ChannelPaused: the channel, or all of them, are paused"""
    if row := pauses(channel).first():
        raise ChannelPaused(pause_reason=row.pause_reason)


def pauses(channel: str) -> QuerySet[Channel]:
    """Return what pauses a channel: its own pause, the one of all channels, or nothing."""
    names = [channel, Channel.ALL]
    return Channel.objects.filter(name__in=names, paused_at__isnull=False).order_by("name")
