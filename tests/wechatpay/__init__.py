"""A fake WeChat Pay server with real HTTP, real signatures both ways and a ledger of its own.

    with Server() as server:
        server.script(on="send", faults=[LostAnswer()])
        …
        assert server.paid(number) == Paid(times=1, amount=1000)

Tests compare payouts with its ledger. Never part of production.
"""

from tests.wechatpay.bills import Pace
from tests.wechatpay.faults import (
    BadSignature,
    BeforeReply,
    NotEnough,
    NotFound,
    OverrideFields,
    RateLimited,
    Redirect,
    Refused,
    ReplyLost,
    RequestLost,
    Slow,
    Status,
    UnknownSerial,
    Unsigned,
    WrongFile,
)
from tests.wechatpay.ledger import Paid
from tests.wechatpay.notifications import Notification
from tests.wechatpay.server import Server
from tests.wechatpay.signing import Keys

__all__ = [
    "BadSignature",
    "BeforeReply",
    "Keys",
    "NotEnough",
    "NotFound",
    "Notification",
    "OverrideFields",
    "Pace",
    "Paid",
    "RateLimited",
    "Redirect",
    "Refused",
    "ReplyLost",
    "RequestLost",
    "Server",
    "Slow",
    "Status",
    "UnknownSerial",
    "Unsigned",
    "WrongFile",
]  # fmt: skip
