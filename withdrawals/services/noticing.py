"""A provider's notices: kept once, and a reason to ask. They never move money themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from withdrawals.gateways import gateway
from withdrawals.gateways.base import State
from withdrawals.gateways.wechat import Notice, WeChatGateway
from withdrawals.models import Attempt, Evidence
from withdrawals.services.alarming import tell_of_other_end
from withdrawals.services.evidence import keep_once
from withdrawals.services.paying import ask_soon


def notice(*, headers: Mapping[str, str], body: bytes, at: datetime) -> bool:
    """Take in what WeChat Pay tells us about a bill.

    :returns: whether it is new; the same one again changes nothing
    :raises NotGenuine: WeChat Pay has not signed it, or not in these five minutes, or not for us
    """
    way = gateway("wechat")
    assert isinstance(way, WeChatGateway)
    told = way.callback(headers, body, at)
    with transaction.atomic():
        new = keep_once(
            Evidence.Kind.NOTICE, json.dumps(dict(told.raw), default=str), at=at,
            outer_id=f"wechat:{told.id}",
        )  # fmt: skip
        if new:
            ask_soon(out_bill_no=told.out_bill_no, at=at)
            _contradicts(told, at=at)
    return new is not None


def _contradicts(told: Notice, *, at: datetime) -> None:
    """It is never the end; but what we believe unpaid and they have paid, somebody has to see."""
    if told.state is not State.SUCCESS:
        return
    unpaid = Attempt.objects.filter(out_bill_no=told.out_bill_no, state__in=Attempt.PROVEN_UNPAID)
    for attempt in unpaid.select_related("withdrawal"):
        tell_of_other_end(attempt, told.state, at=at)
