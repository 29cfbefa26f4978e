"""What a reply of WeChat Pay is worth. Whatever is not proven to be something else is unclear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from withdrawals.gateways.base import Answer, Kind, State
from withdrawals.gateways.wechat_api import Reply

REFUSALS = frozenset({"NOT_ENOUGH", "PARAM_ERROR", "INVALID_REQUEST", "NO_AUTH"})
"""The codes that say that nothing was done. After any other, anything may have been."""
OK, NOT_FOUND, TOO_MANY, SERVER_ERRORS = 200, 404, 429, 500
LONGEST_CODE = 64
WORDS = (
    "state",
    "out_bill_no",
    "mch_id",
    "appid",
    "openid",
    "transfer_bill_no",
    "fail_reason",
    "package_info",
)


def understand(reply: Reply, out_bill_no: str, *, may_be_missing: bool = False) -> Answer:
    """The answer in a reply about this bill; texts for people decide nothing.

    :param may_be_missing: not found is an answer to what was asked
    """
    if fault := _unproven(reply):
        return _unclear(reply, out_bill_no, fault)
    said = reply.json()
    if said is None:
        return _unclear(reply, out_bill_no, "malformed")
    if reply.status == OK:
        return _told(reply, out_bill_no, said)
    return _not_done(reply, out_bill_no, said.get("code"), may_be_missing)


def _unproven(reply: Reply) -> str:
    if reply.status >= SERVER_ERRORS or reply.status == TOO_MANY:
        return f"http_{reply.status}"
    return reply.fault


def _unclear(reply: Reply, out_bill_no: str, code: str) -> Answer:
    return Answer(Kind.UNCLEAR, out_bill_no=out_bill_no, code=code, raw=reply.evidence())


def _not_done(reply: Reply, out_bill_no: str, code: object, may_be_missing: bool) -> Answer:
    if not isinstance(code, str):
        return _unclear(reply, out_bill_no, f"http_{reply.status}")
    if code in REFUSALS:
        kind = Kind.REFUSED
    elif (reply.status, code) == (NOT_FOUND, "NOT_FOUND") and may_be_missing:
        kind = Kind.NOT_FOUND
    else:
        return _unclear(reply, out_bill_no, code[:LONGEST_CODE])
    return Answer(kind, out_bill_no=out_bill_no, code=code, raw=reply.evidence())


def _told(reply: Reply, out_bill_no: str, said: Mapping[str, Any]) -> Answer:
    words, amount = {name: said.get(name) or "" for name in WORDS}, said.get("transfer_amount")
    if not all(isinstance(word, str) for word in words.values()) or isinstance(amount, bool):
        return _unclear(reply, out_bill_no, "malformed")
    if amount is not None and not isinstance(amount, int):
        return _unclear(reply, out_bill_no, "malformed")
    if words["out_bill_no"] != out_bill_no:
        return _unclear(reply, out_bill_no, "other_bill")
    if words["state"] not in State.__members__:
        return _unclear(reply, out_bill_no, "unknown_state")
    state = State[words["state"]]
    return Answer(
        Kind.TOLD,
        state=state,
        out_bill_no=out_bill_no,
        merchant=words["mch_id"],
        app=words["appid"],
        account=words["openid"],
        amount=amount,
        provider_no=words["transfer_bill_no"],
        fail_reason=words["fail_reason"] if state is State.FAIL else "",
        package=words["package_info"] if state is State.WAIT_USER_CONFIRM else "",
        raw=reply.evidence(),
    )
