"""Stopping payouts, one channel or all of them, and letting them go on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.services import record
from members.models import User
from withdrawals.events import WITHDRAWALS_CHANNEL_PAUSED, WITHDRAWALS_CHANNEL_RESUMED
from withdrawals.models import Channel
from withdrawals.services.errors import ChannelPaused, NotAnAccount

MAX_REASON_LENGTH = 200


@transaction.atomic
def pause(*, channel: str, at: datetime, pause_reason: str, by: User | None = None) -> None:
    """Send nothing more through a channel; ``Channel.ALL`` is the kill switch.

    What was sent before is still asked for: it may have been paid.
    """
    if not pause_reason.strip():
        raise NotAnAccount(what="pause_reason")
    row, _ = Channel.objects.select_for_update().get_or_create(name=channel)
    if row.paused_at:
        return
    row.paused_at, row.pause_reason = at, pause_reason.strip()[:MAX_REASON_LENGTH]
    row.save()
    record(WITHDRAWALS_CHANNEL_PAUSED, row, at=at, by=by, pause_reason=row.pause_reason)


@transaction.atomic
def resume(*, channel: str, at: datetime, by: User) -> None:
    row = Channel.objects.select_for_update().filter(name=channel).first()
    if row and row.paused_at:
        row.paused_at, row.pause_reason = None, ""
        row.save()
        record(WITHDRAWALS_CHANNEL_RESUMED, row, at=at, by=by)


def check_open(channel: str) -> None:
    """:raises ChannelPaused: nothing may be sent through it now"""
    if stopped := _paused(channel).first():
        raise ChannelPaused(pause_reason=stopped.pause_reason)


def is_paused(channel: str) -> bool:
    return _paused(channel).exists()


def _paused(channel: str) -> QuerySet[Channel]:
    return Channel.objects.filter(name__in=[channel, Channel.ALL], paused_at__isnull=False)
