"""Signed and encrypted callbacks, repeated or damaged as a test needs."""

from __future__ import annotations

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from tests.wechatpay.signing import Keys

FINISHED = "MCHTRANSFER.BILL.FINISHED"


class Notification(NamedTuple):
    headers: dict[str, str]
    body: bytes


def write(
    keys: Keys, payload: Mapping[str, Any], *, at: datetime, number: str, event: str = FINISHED
) -> Notification:
    """Return a signed delivery; the same ``number`` marks a repetition."""
    body = json.dumps(
        {
            "id": number,
            "create_time": at.isoformat(timespec="seconds"),
            "event_type": event,
            "resource_type": "encrypt-resource",
            "summary": "商家转账单据终态通知",
            "resource": keys.encrypt_resource(payload, kind="mch_payment"),
        },
        ensure_ascii=False,
    ).encode()
    return Notification(keys.sign(body, timestamp=int(at.timestamp())), body)


def probe(notice: Notification) -> Notification:
    """Return a signature probe, as WeChat Pay sends it."""
    marked = {"Wechatpay-Signature": f"WECHATPAY/SIGNTEST/{secrets.token_urlsafe(64)}"}
    return Notification(notice.headers | marked, notice.body)


def deliver(notice: Notification, url: str) -> int:
    """Post a notification and return the HTTP status, 0 without a response."""
    headers = notice.headers | {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=notice.body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0
