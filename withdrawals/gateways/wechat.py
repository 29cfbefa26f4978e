"""Pay by WeChat's merchant transfer (商家转账, API v3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from wechatpayv3.type import RequestType

from wechatpay import statements
from wechatpay.merchant import Merchant
from wechatpay.notifications import InvalidNotification, read_notification
from wechatpay.transport import WeChatResponse, create_client
from withdrawals.gateways.base import PayoutInstruction, ProviderReply, ReplyKind, State
from withdrawals.gateways.wechat_authorizations import CLOSED, CONFIRMED, AuthorizationCalls
from withdrawals.gateways.wechat_replies import parse_reply

COMMISSION_SCENE_ID = "1005"
FINISHED = "MCHTRANSFER.BILL.FINISHED"
AUTHORIZED_TRANSFER_PATH = "/v3/fund-app/mch-transfer/transfer-bills/transfer"
MIN_AMOUNT, NAME_ALLOWED_FROM, NAME_REQUIRED_FROM = 10, 30, 200_000
"""Fen: the smallest transfer, and the amounts from which a name is allowed and required."""
MAX_REMARK_LENGTH = MAX_REASON_LENGTH = 32
MAX_NAME_LENGTH = 190
"""Bytes that one block of the encryption holds."""
NUMBER = re.compile(r"[0-9A-Za-z]{1,32}")


@dataclass(frozen=True, slots=True)
class Notification:
    """A verified notification about a transfer or an authorization; a hint to query it.

    Repeated deliveries have the same ``id``. ``state`` is None for a value that we do not know.
    ``raw`` is the decrypted notification, to be saved.
    """

    id: str
    out_bill_no: str
    state: State | None
    raw: Mapping[str, Any]
    authorization_no: str = ""
    """Of a notification about an authorization; then ``out_bill_no`` is empty."""


class WeChatGateway:
    """The gateway to WeChat Pay; one a process, used by any number of threads.

    :param position: 岗位类型, which transfers of commissions must state; up to 32 characters
    :param explanation: 报酬说明, likewise
    :param confirmed_by_member: whether members confirm each transfer. If not, each transfer must
        carry their authorization. One that carries it is sent as authorized in either mode, so
        that a repetition stays the same request.
    """

    name = "wechat"
    supported_payee_channels = frozenset({"wechat"})
    min_amount = MIN_AMOUNT

    def __init__(
        self, merchant: Merchant, *, position: str, explanation: str,
        confirmed_by_member: bool = True,
    ) -> None:  # fmt: skip
        if not all(1 <= len(text) <= MAX_REASON_LENGTH for text in (position, explanation)):
            raise ValueError("WeChat Pay needs a position and an explanation of 1 to 32 characters")
        self.confirmed_by_member = confirmed_by_member
        self.needs_authorization = not confirmed_by_member
        self._merchant = merchant
        self._reason = {"position": position, "explanation": explanation}
        self._library, self._transport = create_client(merchant)
        self.authorizations = AuthorizationCalls(
            merchant, self._transport, scene=COMMISSION_SCENE_ID
        )

    def instruction_fields(self) -> Mapping[str, str]:
        return {
            "merchant": self._merchant.mchid,
            "app": self._merchant.appid,
            "notify_url": self._merchant.notify_url,
            **self._reason,
        }

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        """Request the transfer; refuse, without sending, what WeChat Pay would refuse anyway."""
        if code := self._invalid_reason(instruction):
            return ProviderReply(ReplyKind.REFUSED, out_bill_no=instruction.out_bill_no, code=code)
        fields = {
            "out_bill_no": instruction.out_bill_no,
            "transfer_scene_id": COMMISSION_SCENE_ID,
            "openid": instruction.account,
            "transfer_amount": instruction.amount,
            "transfer_remark": instruction.remark,
            "transfer_scene_report_infos": [
                {"info_type": "岗位类型", "info_content": instruction.position},
                {"info_type": "报酬说明", "info_content": instruction.explanation},
            ],
            "appid": instruction.app,
            "notify_url": instruction.notify_url,
        }
        name = instruction.name if instruction.amount >= NAME_ALLOWED_FROM else ""
        if instruction.authorization:
            reply = self._send_authorized(fields, instruction.authorization, name)
        else:
            reply = self._library.mch_transfer_bills(**fields, user_name=name or None)
        return parse_reply(reply, instruction.out_bill_no)

    def query(self, out_bill_no: str) -> ProviderReply:
        """Query a transfer. After 30 days WeChat Pay finds none, whether it was paid or not."""
        reply = self._library.mch_transfer_bills_query(_checked_number(out_bill_no))
        return parse_reply(reply, out_bill_no, not_found_allowed=True)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        reply = self._library.mch_transfer_bills_cancel(_checked_number(out_bill_no))
        return parse_reply(reply, out_bill_no, not_found_allowed=True)

    def parse_notification(
        self, headers: Mapping[str, str], body: bytes, at: datetime
    ) -> Notification:
        """Verify and parse a notification about a transfer or an authorization.

        :param headers: Django's ``request.headers`` or ``request.META``
        :raises InvalidNotification: it is not signed by WeChat Pay for this merchant within the
            last 5 minutes, or is about something else
        """
        signed = read_notification(
            self._transport, mchid=self._merchant.mchid, headers=headers, body=body, at=at
        )
        if signed.event_type in {CONFIRMED, CLOSED}:
            number = signed.text("out_authorization_no")
            return Notification(signed.id, "", None, signed.raw, authorization_no=number)
        if signed.event_type != FINISHED:
            raise InvalidNotification(reason="other_event")
        return Notification(
            id=signed.id,
            out_bill_no=signed.text("out_bill_no"),
            state=_state(signed.resource.get("state")),
            raw=signed.raw,
        )

    def fetch_fund_flow(self, day: date) -> bytes:
        """Fetch the statement of the operation account for a Shanghai day, with its hash verified.

        :raises NoStatement: no money moved
        :raises StatementUnavailable: try again later
        :raises StatementCorrupted: the hash does not match
        """
        return statements.fetch(self._library, day)

    def _invalid_reason(self, instruction: PayoutInstruction) -> str:
        """Return why this instruction cannot be sent, or an empty text."""
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
        self, fields: Mapping[str, Any], authorization: str, name: str
    ) -> WeChatResponse:
        """Send without confirmation by the member; the library has no method for it."""
        named = {"user_name": self._transport.encrypt(name)} if name else {}
        return self._transport.request(
            AUTHORIZED_TRANSFER_PATH,
            RequestType.POST,
            data={**fields, **named, "authorization_id": authorization},
        )


def _state(value: object) -> State | None:
    try:
        return State(str(value).lower())
    except ValueError:
        return None


def _checked_number(out_bill_no: str) -> str:
    """It becomes part of a path."""
    if not NUMBER.fullmatch(out_bill_no):
        raise ValueError(f"no number of a bill: {out_bill_no!r}")
    return out_bill_no
