"""Pause and resume payouts of one channel or of all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from common.errors import ReasonRequired
from events.services import record
from members.models import User
from withdrawals.errors import ChannelPaused
from withdrawals.events import WITHDRAWALS_CHANNEL_PAUSED, WITHDRAWALS_CHANNEL_RESUMED
from withdrawals.models import Channel

MAX_REASON_LENGTH = 200


@transaction.atomic
def pause(*, channel: str, at: datetime, pause_reason: str, by: User | None = None) -> None:
    """Pause sending through a channel; ``Channel.ALL`` is the kill switch.

    Attempts already sent are still polled: they may have been paid.

    :raises ReasonRequired: the reason is empty
    """
    if not pause_reason.strip():
        raise ReasonRequired
    row, _ = Channel.objects.select_for_update().get_or_create(name=channel)
    if row.paused_at:
        return
    row.paused_at, row.pause_reason = at, pause_reason.strip()[:MAX_REASON_LENGTH]
    row.save()
    record(WITHDRAWALS_CHANNEL_PAUSED, row, at=at, by=by, pause_reason=row.pause_reason)


@transaction.atomic
def resume(*, channel: str, at: datetime, by: User) -> None:
    """Resume sending through a channel."""
    row = Channel.objects.select_for_update().filter(name=channel).first()
    if row and row.paused_at:
        row.paused_at, row.pause_reason = None, ""
        row.save()
        record(WITHDRAWALS_CHANNEL_RESUMED, row, at=at, by=by)


def check_open(channel: str) -> None:
    """:raises ChannelPaused: the channel, or all of them, are paused"""
    if row := _paused(channel).first():
        raise ChannelPaused(pause_reason=row.pause_reason)


def is_paused(channel: str) -> bool:
    return _paused(channel).exists()


def _paused(channel: str) -> QuerySet[Channel]:
    return Channel.objects.filter(name__in=[channel, Channel.ALL], paused_at__isnull=False)
