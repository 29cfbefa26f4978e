"""A provider's notices: kept once, and a reason to ask. They never move money themselves."""

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
from withdrawals.payouts.evidence import save_evidence_once
from withdrawals.payouts.send import schedule_poll


def handle_notification(*, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Take in what WeChat Pay tells us about a bill.

    :returns: whether it is new; the same one again changes nothing
    :raises NotGenuine: WeChat Pay has not signed it, or not in these five minutes, or not for us
    """
    way = gateway("wechat")
    assert isinstance(way, WeChatGateway)
    told = way.parse_notification(headers, body, at)
    with transaction.atomic():
        new = save_evidence_once(
            Evidence.Kind.NOTIFICATION, json.dumps(dict(told.raw), default=str), at=at,
            external_id=f"wechat:{told.id}",
        )  # fmt: skip
        if new:
            schedule_poll(out_bill_no=told.out_bill_no, at=at)
            _report_mismatch(told, at=at)
    return new is not None


def _report_mismatch(told: Notification, *, at: datetime) -> None:
    """It is never the end; but what we believe unpaid and they have paid, somebody has to see."""
    if told.state is not State.SUCCESS:
        return
    unpaid = Attempt.objects.filter(out_bill_no=told.out_bill_no, state__in=Attempt.PROVEN_UNPAID)
    for attempt in unpaid.select_related("withdrawal"):
        report_outcome_mismatch(attempt, told.state, at=at)
