"""Stopping payouts, one channel or all of them, and letting them go on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from events.services import happened
from members.models import User
from withdrawals.models import Channel
from withdrawals.services.refusals import ChannelPaused, NotAnAccount

LONGEST = 200


@transaction.atomic
def pause(*, channel: str, at: datetime, why: str, by: User | None = None) -> None:
    """Send nothing more through a channel; ``Channel.ALL`` is the kill switch.

    What was sent before is still asked for: it may have been paid.
    """
    if not why.strip():
        raise NotAnAccount(what="why")
    row, _ = Channel.objects.select_for_update().get_or_create(name=channel)
    if row.paused_at:
        return
    row.paused_at, row.why = at, why.strip()[:LONGEST]
    row.save()
    happened("withdrawals.channel_paused", row, at=at, by=by, why=row.why)


@transaction.atomic
def resume(*, channel: str, at: datetime, by: User) -> None:
    row = Channel.objects.select_for_update().filter(name=channel).first()
    if row and row.paused_at:
        row.paused_at, row.why = None, ""
        row.save()
        happened("withdrawals.channel_resumed", row, at=at, by=by)


def check_open(channel: str) -> None:
    """:raises ChannelPaused: nothing may be sent through it now"""
    if stopped := _paused(channel).first():
        raise ChannelPaused(why=stopped.why)


def is_paused(channel: str) -> bool:
    return _paused(channel).exists()


def _paused(channel: str) -> QuerySet[Channel]:
    return Channel.objects.filter(name__in=[channel, Channel.ALL], paused_at__isnull=False)
