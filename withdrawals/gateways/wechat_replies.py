"""Interpret responses of WeChat Pay; whatever proves nothing else is unclear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechatpay.transport import WeChatResponse
from withdrawals.gateways.base import ProviderReply, ReplyKind, State

NOT_EXECUTED_CODES = frozenset({"NOT_ENOUGH", "PARAM_ERROR", "INVALID_REQUEST", "NO_AUTH"})
"""Codes that prove that nothing was executed. Any other code leaves it open."""
OK, NOT_FOUND, TOO_MANY_REQUESTS, SERVER_ERRORS = 200, 404, 429, 500
MAX_CODE_LENGTH = 64
AMOUNT_TYPES = (int, type(None))
TEXT_FIELDS = {
    "out_bill_no": "out_bill_no",
    "merchant": "mch_id",
    "app": "appid",
    "account": "openid",
    "provider_no": "transfer_bill_no",
    "fail_reason": "fail_reason",
    "package_info": "package_info",
}
"""WeChat Pay's names of our fields."""


def parse_reply(
    reply: WeChatResponse, out_bill_no: str, *, not_found_allowed: bool = False
) -> ProviderReply:
    """Interpret a response about this transfer; message texts never decide anything.

    :param not_found_allowed: whether "not found" is an answer to the request
    """
    kind, code, content = read_reply(reply, not_found_allowed=not_found_allowed)
    if kind is not ReplyKind.STATUS:
        return ProviderReply(kind, out_bill_no=out_bill_no, code=code, raw=reply.evidence())
    return _status_reply(reply, out_bill_no, content)


def read_reply(
    reply: WeChatResponse, *, not_found_allowed: bool
) -> tuple[ReplyKind, str, Mapping[str, Any]]:
    """Return what a response proves, the code of an error, and the content of a success."""
    if fault := _unverified_reason(reply):
        return ReplyKind.UNCLEAR, fault, {}
    content = reply.json()
    if content is None:
        return ReplyKind.UNCLEAR, "malformed", {}
    if reply.status == OK:
        return ReplyKind.STATUS, "", content
    return *_error_in(reply, content.get("code"), not_found_allowed), {}


def _error_in(
    reply: WeChatResponse, code: object, not_found_allowed: bool
) -> tuple[ReplyKind, str]:
    if not isinstance(code, str):
        return ReplyKind.UNCLEAR, f"http_{reply.status}"
    if code in NOT_EXECUTED_CODES:
        return ReplyKind.REFUSED, code
    if (reply.status, code) == (NOT_FOUND, "NOT_FOUND") and not_found_allowed:
        return ReplyKind.NOT_FOUND, code
    return ReplyKind.UNCLEAR, code[:MAX_CODE_LENGTH]


def _unverified_reason(reply: WeChatResponse) -> str:
    if reply.status >= SERVER_ERRORS or reply.status == TOO_MANY_REQUESTS:
        return f"http_{reply.status}"
    return reply.fault


def _unclear(reply: WeChatResponse, out_bill_no: str, code: str) -> ProviderReply:
    return ProviderReply(
        ReplyKind.UNCLEAR, out_bill_no=out_bill_no, code=code, raw=reply.evidence()
    )


def _status_reply(
    reply: WeChatResponse, out_bill_no: str, content: Mapping[str, Any]
) -> ProviderReply:
    name, amount = content.get("state") or "", content.get("transfer_amount")
    texts = {ours: content.get(theirs) or "" for ours, theirs in TEXT_FIELDS.items()}
    # Not isinstance for the amount: a bool is an int.
    are_texts = all(isinstance(text, str) for text in (name, *texts.values()))
    if not are_texts or type(amount) not in AMOUNT_TYPES:
        return _unclear(reply, out_bill_no, "malformed")
    if texts["out_bill_no"] != out_bill_no:
        return _unclear(reply, out_bill_no, "other_bill")
    if name not in State.__members__:
        return _unclear(reply, out_bill_no, "unknown_state")
    state = State[name]
    if state is not State.FAIL:
        texts["fail_reason"] = ""
    if state is not State.WAIT_USER_CONFIRM:
        texts["package_info"] = ""
    return ProviderReply(
        ReplyKind.STATUS, state=state, amount=amount, raw=reply.evidence(), **texts
    )
