"""A WeChat Pay of our own: real HTTP, real signatures both ways, and a ledger nobody else writes.

    with Server() as server:
        server.script(on="send", faults=[LostAnswer()])
        …
        assert server.paid(number) == Paid(times=1, amount=1000)

What its ledger says is the truth that payouts are measured by. Never part of production.
"""

from tests.wechatpay.bills import Pace
from tests.wechatpay.faults import (
    BadSignature,
    During,
    LostAnswer,
    LostBefore,
    NotEnough,
    NotFound,
    RateLimited,
    Redirect,
    Refused,
    Says,
    Slow,
    Status,
    Stranger,
    Unsigned,
    WrongFile,
)
from tests.wechatpay.ledger import Paid
from tests.wechatpay.notices import Notice
from tests.wechatpay.server import Server
from tests.wechatpay.signing import Keys

__all__ = [
    "BadSignature", "During", "Keys", "LostAnswer", "LostBefore", "NotEnough", "NotFound", "Notice",
    "Pace", "Paid", "RateLimited", "Redirect", "Refused", "Says", "Server", "Slow", "Status",
    "Stranger", "Unsigned", "WrongFile",
]  # fmt: skip
