"""A response that proves nothing is unclear; only a signed one decides."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.wechatpay import (
    BadSignature,
    NotEnough,
    NotFound,
    OverrideFields,
    RateLimited,
    Refused,
    ReplyLost,
    RequestLost,
    Server,
    Slow,
    Status,
    UnknownSerial,
    Unsigned,
    WrongFile,
)
from tests.wechatpay.faults import Fault
from tests.withdrawals.wechat import SILENCE
from tests.withdrawals.wechat_gateway import bill
from withdrawals.gateways.base import ProviderReply, ReplyKind, State
from withdrawals.gateways.wechat import WeChatGateway

pytestmark = pytest.mark.slow

UNCLEAR: list[tuple[Fault, str]] = [
    (RequestLost(), "connection_lost"),
    (ReplyLost(), "connection_lost"),
    (Slow(SILENCE * 3), "timeout"),
    (Status(500, done=True), "http_500"),
    (Status(500), "http_500"),
    (Status(502, signed="not"), "http_502"),
    (RateLimited(), "http_429"),
    (BadSignature(), "bad_signature"),
    (UnknownSerial(), "bad_signature"),
    (Unsigned(), "not_signed"),
    (Refused("SOMETHING_NEW"), "SOMETHING_NEW"),
    (Refused("SIGN_ERROR", status=401), "SIGN_ERROR"),
    (Status(403, "NOT_ENOUGH", signed="not"), "not_signed"),
    (Status(404, "NOT_FOUND", signed="not"), "not_signed"),
    (Status(404, "NOT_FOUND", signed="badly"), "bad_signature"),
    (Status(302), "SYSTEM_ERROR"),
    (OverrideFields(state="PAID"), "unknown_state"),
    (OverrideFields(state=None), "unknown_state"),
    (OverrideFields(out_bill_no="W2"), "other_bill"),
    (OverrideFields(transfer_amount="1000"), "malformed"),
    (OverrideFields(transfer_amount=1000.0), "malformed"),
    (OverrideFields(transfer_amount=True), "malformed"),
    (OverrideFields(openid=["oLan"]), "malformed"),
    (WrongFile(b"[]"), "malformed"),
    (WrongFile(b"<html>"), "malformed"),
    (WrongFile(b"\xff"), "bad_signature"),
]


@pytest.mark.parametrize("on", ["send", "query", "cancel"])
@pytest.mark.parametrize(("fault", "code"), UNCLEAR)
def test_an_unproven_outcome_is_unclear(
    server: Server, gateway: WeChatGateway, on: str, fault: Fault, code: str
) -> None:
    calls: dict[str, Callable[[], ProviderReply]] = {
        "send": lambda: gateway.send(bill()),
        "query": lambda: gateway.query("W1"),
        "cancel": lambda: gateway.cancel("W1"),
    }
    if on != "send":
        gateway.send(bill())
    server.script(on=on, faults=[fault])
    answer = calls[on]()
    assert (answer.kind, answer.code, answer.state) == (ReplyKind.UNCLEAR, code, None)
    assert answer.out_bill_no == "W1"


def test_an_unreachable_provider_is_unclear(server: Server, gateway: WeChatGateway) -> None:
    server.stop()
    assert gateway.send(bill()).code == "connection_lost"


def test_not_found_is_not_a_valid_reply_to_a_send(server: Server, gateway: WeChatGateway) -> None:
    server.script(on="send", faults=[NotFound()])
    assert gateway.send(bill()).kind is ReplyKind.UNCLEAR


@pytest.mark.parametrize("fault", [ReplyLost(), Slow(SILENCE * 3), BadSignature()])
def test_an_unclear_outcome_is_found_by_polling(
    server: Server, gateway: WeChatGateway, fault: Fault
) -> None:
    server.script(on="send", faults=[fault])
    assert gateway.send(bill()).kind is ReplyKind.UNCLEAR
    assert gateway.query("W1").state is State.WAIT_USER_CONFIRM


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotEnough(), "NOT_ENOUGH"),
        (Refused("PARAM_ERROR"), "PARAM_ERROR"),
        (Refused("INVALID_REQUEST"), "INVALID_REQUEST"),
        (Refused("NO_AUTH", status=403), "NO_AUTH"),
    ],
)
def test_a_refusal_has_a_reason(
    server: Server, gateway: WeChatGateway, fault: Fault, code: str
) -> None:
    server.script(on="send", faults=[fault])
    answer = gateway.send(bill())
    assert (answer.kind, answer.code) == (ReplyKind.REFUSED, code)
    assert server.bills == {}
