"""WeChat's merchant transfer (商家转账, API v3): send, ask, cancel, notices, fund flow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from wechatpayv3.type import RequestType

from withdrawals.gateways import wechat_notices, wechat_statement
from withdrawals.gateways.base import Answer, Bill, Kind
from withdrawals.gateways.wechat_answers import understand
from withdrawals.gateways.wechat_api import Merchant, Reply, library_for
from withdrawals.gateways.wechat_notices import NotGenuine, Notice
from withdrawals.gateways.wechat_statement import NoStatement, StatementDamaged, StatementNotHad

__all__ = [
    "Merchant", "NoStatement", "NotGenuine", "Notice", "StatementDamaged", "StatementNotHad",
    "WeChatGateway", "merchant",
]  # fmt: skip

COMMISSIONS = "1005"
WITHOUT_CONFIRMING = "/v3/fund-app/mch-transfer/transfer-bills/transfer"
LEAST, NAMED_FROM, NAME_NEEDED_FROM = 10, 30, 200_000
"""Fen: the smallest bill; from where a name may be sent, and from where it must be."""
LONGEST_REMARK = 32
LONGEST_NAME = 190
"""Bytes: what one block of the encryption takes."""
NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")


class WeChatGateway:
    """One for a process; its calls may run in any number of threads.

    :param confirmed_by_member: whether bills wait for the member. If not, each must carry their
        authorization. One that carries it is sent without waiting in either mode, so that its
        repetition stays the same request.
    """

    name = "wechat"
    pays_to = frozenset({"wechat"})
    least = LEAST

    def __init__(self, merchant: Merchant, *, confirmed_by_member: bool = True) -> None:
        self.confirmed_by_member = confirmed_by_member
        self.needs_authorization = not confirmed_by_member
        self._merchant = merchant
        self._library, self._transport = library_for(merchant)

    def terms(self) -> Mapping[str, str]:
        return {
            "merchant": self._merchant.mchid,
            "app": self._merchant.appid,
            "position": self._merchant.position,
            "explanation": self._merchant.explanation,
            "notify_url": self._merchant.notify_url,
        }

    def send(self, bill: Bill) -> Answer:
        """Ask for the payment; what WeChat Pay would refuse anyway is refused here, unsent."""
        if code := self._unfit(bill):
            return Answer(Kind.REFUSED, out_bill_no=bill.out_bill_no, code=code)
        # Bills that were frozen before these belonged to them say what the settings say.
        position = bill.position or self._merchant.position
        explanation = bill.explanation or self._merchant.explanation
        words = {
            "out_bill_no": bill.out_bill_no,
            "transfer_scene_id": COMMISSIONS,
            "openid": bill.account,
            "transfer_amount": bill.amount,
            "transfer_remark": bill.remark,
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": position},
                {"info_type": "报酬说明", "info_content": explanation},
            ],
            "appid": bill.app,
            "notify_url": bill.notify_url or self._merchant.notify_url,
        }
        name = bill.name if bill.amount >= NAMED_FROM else ""
        if bill.authorization:
            reply = self._send_without_confirming(words, bill.authorization, name)
        else:
            reply = self._library.mch_transfer_bills(**words, user_name=name or None)
        return understand(reply, bill.out_bill_no)

    def ask(self, out_bill_no: str) -> Answer:
        """Where the bill stands. After 30 days WeChat Pay finds no bill any more, paid or not."""
        reply = self._library.mch_transfer_bills_query(_number(out_bill_no))
        return understand(reply, out_bill_no, may_be_missing=True)

    def cancel(self, out_bill_no: str) -> Answer:
        reply = self._library.mch_transfer_bills_cancel(_number(out_bill_no))
        return understand(reply, out_bill_no, may_be_missing=True)

    def callback(self, headers: Mapping[str, str], body: bytes, at: datetime) -> Notice:
        """What a notice says; a hint to ask. The caller keeps its ``id``, as notices are repeated.

        :param headers: Django's ``request.headers`` or ``request.META``
        :raises NotGenuine: it is not WeChat Pay's word to this merchant, made in these 5 minutes
        """
        return wechat_notices.read_notice(
            self._transport, mchid=self._merchant.mchid, headers=headers, body=body, at=at
        )

    def fund_flow_bill(self, day: date) -> bytes:
        """The plain file of what moved in the operation account on a Shanghai day, hash checked.

        :raises NoStatement: nothing has moved
        :raises StatementNotHad: not now; try again later
        :raises StatementDamaged: it is not the file that was promised
        """
        return wechat_statement.fetch(self._library, day)

    def _unfit(self, bill: Bill) -> str:
        """Why this bill cannot be sent; "" if it can."""
        faults = {
            "other_merchant": bill.merchant != self._merchant.mchid,
            "number_malformed": not NUMBER.fullmatch(bill.out_bill_no),
            "amount_too_small": bill.amount < LEAST,
            "account_missing": not bill.account,
            "remark_length": not 1 <= len(bill.remark) <= LONGEST_REMARK,
            "authorization_missing": not (self.confirmed_by_member or bill.authorization),
            "name_missing": not bill.name and bill.amount >= NAME_NEEDED_FROM,
            "name_too_long": len(bill.name.encode()) > LONGEST_NAME,
        }
        return next((code for code, is_so in faults.items() if is_so), "")

    def _send_without_confirming(
        self, words: Mapping[str, Any], authorization: str, name: str
    ) -> Reply:
        """The library has no verb for this one."""
        named = {"user_name": self._transport.encrypt(name)} if name else {}
        return self._transport.request(
            WITHOUT_CONFIRMING,
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


def _number(out_bill_no: str) -> str:
    """It becomes part of a path."""
    if not NUMBER.fullmatch(out_bill_no):
        raise ValueError(f"no number of a bill: {out_bill_no!r}")
    return out_bill_no
