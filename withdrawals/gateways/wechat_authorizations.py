"""WeChat Pay's authorizations of transfers without confirmation (免确认收款授权, API v3).

A member who has authorized them confirms no transfer any more, until they or WeChat close it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from wechatpayv3.type import RequestType

from wechatpay.merchant import Merchant
from wechatpay.transport import Transport, WeChatResponse
from withdrawals.gateways.base import ReplyKind
from withdrawals.gateways.wechat_replies import read_reply

PATH = "/v3/fund-app/mch-transfer/user-confirm-authorization"
CONFIRMED = "MCHTRANSFER.AUTHORIZATION.CONFIRMED"
CLOSED = "MCHTRANSFER.AUTHORIZATION.CLOSED"
NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")
TEXT_FIELDS = {
    "number": "out_authorization_no",
    "app": "appid",
    "account": "openid",
    "authorization": "authorization_id",
    "package_info": "package_info",
}
"""WeChat Pay's names of our fields."""


class AuthorizationState(StrEnum):
    """The state of an authorization, in WeChat Pay's terms."""

    WAIT_USER_CONFIRM = "wait_user_confirm"
    TAKING_EFFECT = "taking_effect"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a member is asked for; the same number always has the same content."""

    number: str
    """``[0-9A-Za-z]{1,32}``."""
    app: str
    account: str
    display_name: str
    """Tells the member which account of the shop it is; up to 32 characters."""


@dataclass(frozen=True, slots=True)
class AuthorizationReply:
    """WeChat Pay's reply to one call."""

    kind: ReplyKind
    state: AuthorizationState | None = None
    """Only if ``kind`` is STATUS."""
    number: str = ""
    app: str = ""
    account: str = ""
    authorization: str = ""
    package_info: str = ""
    close_reason: str = ""
    code: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


class AuthorizationCalls:
    """The calls about authorizations; each returns within seconds."""

    def __init__(self, merchant: Merchant, transport: Transport, *, scene: str) -> None:
        self._merchant, self._transport, self._scene = merchant, transport, scene

    def request(self, request: AuthorizationRequest) -> AuthorizationReply:
        """Ask for an authorization. Sending the same request again is idempotent."""
        content = {
            "out_authorization_no": request.number,
            "appid": request.app,
            "openid": request.account,
            "transfer_scene_id": self._scene,
            "user_display_name": request.display_name,
            "authorization_notify_url": self._merchant.notify_url,
        }
        return _parse(self._transport.request(PATH, RequestType.POST, data=content), request.number)

    def query(self, number: str, *, with_package: bool = False) -> AuthorizationReply:
        """Query an authorization. Only this reply lets it take effect or closes it.

        :param with_package: ask for a package that opens the page, while the member may confirm
        """
        path = f"{PATH}/out-authorization-no/{_checked(number)}"
        if with_package:
            path += "?is_display_authorization=true"
        return _parse(self._transport.request(path), number)

    def close(self, number: str) -> AuthorizationReply:
        """End an authorization; only ``query`` shows whether it has ended."""
        path = f"{PATH}/out-authorization-no/{_checked(number)}/close"
        return _parse(self._transport.request(path, RequestType.POST), number)


def _parse(reply: WeChatResponse, number: str) -> AuthorizationReply:
    kind, code, content = read_reply(reply, not_found_allowed=True)
    raw = reply.evidence()
    if kind is not ReplyKind.STATUS:
        return AuthorizationReply(kind, number=number, code=code, raw=raw)
    texts = {ours: content.get(theirs) or "" for ours, theirs in TEXT_FIELDS.items()}
    closed = content.get("close_info") or {}
    reason = closed.get("close_reason") or "" if isinstance(closed, dict) else None
    state = content.get("state")
    if not all(isinstance(text, str) for text in (*texts.values(), reason, state)):
        fault = "malformed"
    elif texts["number"] != number:
        fault = "other_authorization"
    elif state not in AuthorizationState.__members__:
        fault = "unknown_state"
    else:
        return AuthorizationReply(
            kind, state=AuthorizationState[str(state)], close_reason=str(reason), raw=raw, **texts
        )
    return AuthorizationReply(ReplyKind.UNCLEAR, number=number, code=fault, raw=raw)


def _checked(number: str) -> str:
    """It becomes part of a path."""
    if not NUMBER.fullmatch(number):
        raise ValueError(f"no number of an authorization: {number!r}")
    return number
