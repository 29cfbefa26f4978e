"""WeChat's merchant transfer (商家转账, API v3): send, ask, cancel, notices, fund flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from wechatpayv3.type import RequestType

from withdrawals.gateways import wechat_notifications, wechat_statement
from withdrawals.gateways.base import PayoutInstruction, ProviderReply, ReplyKind
from withdrawals.gateways.wechat_notifications import InvalidNotification, Notification
from withdrawals.gateways.wechat_replies import parse_reply
from withdrawals.gateways.wechat_statement import (
    NoStatement,
    StatementCorrupted,
    StatementUnavailable,
)
from withdrawals.gateways.wechat_transport import Merchant, WeChatResponse, create_client

__all__ = [
    "InvalidNotification",
    "Merchant",
    "NoStatement",
    "Notification",
    "StatementCorrupted",
    "StatementUnavailable",
    "WeChatGateway",
    "merchant",
]  # fmt: skip

COMMISSION_SCENE_ID = "1005"
AUTHORIZED_TRANSFER_PATH = "/v3/fund-app/mch-transfer/transfer-bills/transfer"
MIN_AMOUNT, NAME_ALLOWED_FROM, NAME_REQUIRED_FROM = 10, 30, 200_000
"""Fen: the smallest bill; from where a name may be sent, and from where it must be."""
MAX_REMARK_LENGTH = 32
MAX_NAME_LENGTH = 190
"""Bytes: what one block of the encryption takes."""
NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")


class WeChatGateway:
    """One for a process; its calls may run in any number of threads.

    :param confirmed_by_member: whether bills wait for the member. If not, each must carry their
        authorization. One that carries it is sent without waiting in either mode, so that its
        repetition stays the same request.
    """

    name = "wechat"
    supported_payee_channels = frozenset({"wechat"})
    min_amount = MIN_AMOUNT

    def __init__(self, merchant: Merchant, *, confirmed_by_member: bool = True) -> None:
        self.confirmed_by_member = confirmed_by_member
        self.needs_authorization = not confirmed_by_member
        self._merchant = merchant
        self._library, self._transport = create_client(merchant)

    def instruction_fields(self) -> Mapping[str, str]:
        return {
            "merchant": self._merchant.mchid,
            "app": self._merchant.appid,
            "position": self._merchant.position,
            "explanation": self._merchant.explanation,
            "notify_url": self._merchant.notify_url,
        }

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        """Ask for the payment; what WeChat Pay would refuse anyway is refused here, unsent."""
        if code := self._invalid_reason(instruction):
            return ProviderReply(ReplyKind.REFUSED, out_bill_no=instruction.out_bill_no, code=code)
        # Bills that were frozen before these belonged to them say what the settings say.
        position = instruction.position or self._merchant.position
        explanation = instruction.explanation or self._merchant.explanation
        words = {
            "out_bill_no": instruction.out_bill_no,
            "transfer_scene_id": COMMISSION_SCENE_ID,
            "openid": instruction.account,
            "transfer_amount": instruction.amount,
            "transfer_remark": instruction.remark,
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": position},
                {"info_type": "报酬说明", "info_content": explanation},
            ],
            "appid": instruction.app,
            "notify_url": instruction.notify_url or self._merchant.notify_url,
        }
        name = instruction.name if instruction.amount >= NAME_ALLOWED_FROM else ""
        if instruction.authorization:
            reply = self._send_authorized(words, instruction.authorization, name)
        else:
            reply = self._library.mch_transfer_bills(**words, user_name=name or None)
        return parse_reply(reply, instruction.out_bill_no)

    def query(self, out_bill_no: str) -> ProviderReply:
        """Where the bill stands. After 30 days WeChat Pay finds no bill any more, paid or not."""
        reply = self._library.mch_transfer_bills_query(_checked_number(out_bill_no))
        return parse_reply(reply, out_bill_no, not_found_allowed=True)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        reply = self._library.mch_transfer_bills_cancel(_checked_number(out_bill_no))
        return parse_reply(reply, out_bill_no, not_found_allowed=True)

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> Notification:
        """What a notice says; a hint to ask. The caller keeps its ``id``, as notices are repeated.

        :param headers: Django's ``request.headers`` or ``request.META``
        :raises NotGenuine: it is not WeChat Pay's word to this merchant, made in these 5 minutes
        """
        return wechat_notifications.parse_notification(
            self._transport, mchid=self._merchant.mchid, headers=headers, body=body, at=at
        )

    def fetch_fund_flow(self, day: date) -> bytes:
        """The plain file of what moved in the operation account on a Shanghai day, hash checked.

        :raises NoStatement: nothing has moved
        :raises StatementNotHad: not now; try again later
        :raises StatementDamaged: it is not the file that was promised
        """
        return wechat_statement.fetch(self._library, day)

    def _invalid_reason(self, instruction: PayoutInstruction) -> str:
        """Why this bill cannot be sent; "" if it can."""
        faults = {
            "other_merchant": instruction.merchant != self._merchant.mchid,
            "number_malformed": not NUMBER.fullmatch(instruction.out_bill_no),
            "amount_too_small": instruction.amount < MIN_AMOUNT,
            "account_missing": not instruction.account,
            "remark_length": not 1 <= len(instruction.remark) <= MAX_REMARK_LENGTH,
            "authorization_missing": not (self.confirmed_by_member or instruction.authorization),
            "name_missing": not instruction.name and instruction.amount >= NAME_REQUIRED_FROM,
            "name_too_long": len(instruction.name.encode()) > MAX_NAME_LENGTH,
        }
        return next((code for code, is_so in faults.items() if is_so), "")

    def _send_authorized(
        self, words: Mapping[str, Any], authorization: str, name: str
    ) -> WeChatResponse:
        """The library has no verb for this one."""
        named = {"user_name": self._transport.encrypt(name)} if name else {}
        return self._transport.request(
            AUTHORIZED_TRANSFER_PATH,
            RequestType.POST,
            data={**words, **named, "authorization_id": authorization},
        )


def merchant() -> Merchant:
    """As the settings name it."""
    of_settings = {
        "mchid": "MERCHANT",
        "appid": "APP",
        "private_key": "PRIVATE_KEY",
        "cert_serial": "CERT_SERIAL",
        "api_v3_key": "API_V3_KEY",
        "public_key": "PUBLIC_KEY",
        "public_key_id": "PUBLIC_KEY_ID",
        "notify_url": "NOTIFY_URL",
        "position": "POSITION",
        "explanation": "EXPLANATION",
        "base_url": "URL",
    }
    return Merchant(
        **{name: getattr(settings, f"WECHATPAY_{word}") for name, word in of_settings.items()}
    )


def _checked_number(out_bill_no: str) -> str:
    """It becomes part of a path."""
    if not NUMBER.fullmatch(out_bill_no):
        raise ValueError(f"no number of a bill: {out_bill_no!r}")
    return out_bill_no
