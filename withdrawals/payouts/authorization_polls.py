"""Query authorizations at WeChat Pay, and end those of members who have closed their account."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import OperationalError
from django.db.models import F

from common.errors import FAULTS
from members.models import Member
from withdrawals.gateways import gateway
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.gateways.wechat_authorizations import AuthorizationCalls
from withdrawals.models import PayoutAuthorization
from withdrawals.payouts.authorizations import query

CLAIM = timedelta(minutes=5)
END_AGAIN = timedelta(minutes=15)
log = structlog.get_logger(__name__)


def schedule_authorization_poll(*, number: str, at: datetime) -> None:
    """Query an authorization as soon as possible."""
    PayoutAuthorization.objects.live().filter(number=number).update(next_poll_at=at)


def end_authorizations(member: Member) -> None:
    """End those of a member who closes the account, with the next poll."""
    PayoutAuthorization.objects.live().visible_to(member).update(next_poll_at=F("asked_at"))


def poll_authorizations(*, at: datetime, limit: int = 20) -> int:
    """Query due authorizations; each is queried by one worker.

    :returns: how many were queried; 0 when nothing is due
    """
    channel, count = gateway(), 0
    if not isinstance(channel, WeChatGateway):
        return 0
    due = PayoutAuthorization.objects.filter(next_poll_at__lte=at)
    rows = due.select_related("member__merged_into").order_by("next_poll_at", "pk")
    for row in rows[:limit]:
        if not due.filter(pk=row.pk).update(next_poll_at=at + CLAIM):
            continue  # another worker queries it
        count += 1
        try:
            _poll(row, channel.authorizations, at=at)
        except OperationalError:
            raise
        except FAULTS:
            # A fault in one row must not hold up the others; it is queried again.
            log.exception("authorization_not_polled", number=row.number)
    return count


def _poll(row: PayoutAuthorization, calls: AuthorizationCalls, *, at: datetime) -> None:
    if not (row.member.merged_into or row.member).closed_at:
        query(row, calls, at=at)
        return
    calls.close(row.number)  # proves nothing: the query does
    query(row, calls, at=at)
    rows = PayoutAuthorization.objects.live().filter(pk=row.pk)
    rows.update(next_poll_at=at + END_AGAIN)
