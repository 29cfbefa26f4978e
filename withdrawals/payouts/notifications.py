"""Handle provider notifications: save each once and schedule a poll; they never move money."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from withdrawals.gateways import gateway
from withdrawals.gateways.base import State
from withdrawals.gateways.wechat import Notification, WeChatGateway
from withdrawals.models import Attempt, Evidence
from withdrawals.payouts.alarms import report_outcome_mismatch
from withdrawals.payouts.authorization_polls import schedule_authorization_poll
from withdrawals.payouts.evidence import save_evidence_once
from withdrawals.payouts.send import schedule_poll


def handle_notification(*, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Save a notification of WeChat Pay about a payment or an authorization; idempotent.

    :returns: whether the notification is new
    :raises InvalidNotification: the signature, its time or the recipient does not match
    """
    channel = gateway("wechat")
    assert isinstance(channel, WeChatGateway)
    notification = channel.parse_notification(headers, body, at)
    with transaction.atomic():
        new = save_evidence_once(
            Evidence.Kind.NOTIFICATION, json.dumps(dict(notification.raw), default=str), at=at,
            external_id=f"wechat:{notification.id}",
        )  # fmt: skip
        if new:
            if notification.authorization_no:
                schedule_authorization_poll(number=notification.authorization_no, at=at)
            schedule_poll(out_bill_no=notification.out_bill_no, at=at)
            _report_mismatch(notification, at=at)
    return new is not None


def _report_mismatch(notification: Notification, *, at: datetime) -> None:
    """Report a payment recorded as unpaid that the notification reports as paid."""
    if notification.state is not State.SUCCESS:
        return
    unpaid = Attempt.objects.filter(
        out_bill_no=notification.out_bill_no, state__in=Attempt.PROVEN_UNPAID
    )
    for attempt in unpaid.select_related("withdrawal"):
        report_outcome_mismatch(attempt, notification.state, at=at)
