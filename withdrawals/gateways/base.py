"""The interface of payout gateways and the types of their replies.

A gateway moves money outside the system. It knows nothing of withdrawals or the ledger, opens no
transaction and stores nothing: it sends an immutable instruction and returns the reply unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """The state of a transfer at the provider, in WeChat Pay's terms."""

    ACCEPTED = "accepted"
    PROCESSING = "processing"
    WAIT_USER_CONFIRM = "wait_user_confirm"
    TRANSFERING = "transfering"  # as the provider spells it
    CANCELING = "canceling"
    SUCCESS = "success"
    FAIL = "fail"
    CANCELLED = "cancelled"


FINAL = frozenset({State.SUCCESS, State.FAIL, State.CANCELLED})


class ReplyKind(StrEnum):
    """What a reply proves."""

    STATUS = "status"  # signed: it states the transfer's state
    NOT_FOUND = "not_found"  # signed; it may also mean "not visible yet"
    REFUSED = "refused"  # signed or never sent: the call had no effect; see ``code``
    UNCLEAR = "unclear"  # anything may have happened: poll later


@dataclass(frozen=True, slots=True)
class PayoutInstruction:
    """A payment to make; immutable, so that the same number always has the same content."""

    out_bill_no: str
    """``[0-9A-Za-z]{1,32}``."""
    amount: int
    """Fen."""
    account: str
    """The payee: WeChat's openid, a card number or an Alipay account."""
    name: str
    """The payee's real name, which the provider compares."""
    remark: str
    merchant: str = ""
    app: str = ""
    authorization: str = ""
    """WeChat's id of the member's consent to payouts without confirmation; "" without."""
    position: str = ""
    explanation: str = ""
    """The reason that the provider requires: 岗位类型 and 报酬说明."""
    notify_url: str = ""
    """Where the provider sends notifications."""

    def as_dict(self) -> dict[str, Any]:
        """Return all fields; a repetition must send the same."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ProviderReply:
    """A provider's reply to one call."""

    kind: ReplyKind
    state: State | None = None
    """Only if ``kind`` is STATUS."""
    out_bill_no: str = ""
    merchant: str = ""
    app: str = ""
    account: str = ""
    amount: int | None = None
    """Fen. The last four are compared with the instruction before the ledger posts."""
    provider_no: str = ""
    fail_reason: str = ""
    """The provider's reason, only if the transfer failed."""
    code: str = ""
    """The provider's error code, or ours if unclear: timeout, bad_signature, http_500 …"""
    package_info: str = ""
    """What the member's phone needs to confirm, while the provider waits for that."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Status, headers and body as received, without secrets: saved as evidence."""


class Gateway(Protocol):
    """Every call returns within seconds and raises only for bugs of ours."""

    name: str
    supported_payee_channels: frozenset[str] = frozenset({"wechat", "alipay", "bank"})
    min_amount: int
    """Fen: the smallest payment."""
    needs_authorization: bool = False
    """Whether members must have consented to payouts without confirmation."""
    confirmed_by_member: bool = False
    """Whether members confirm each transfer on their phone; it is created when they collect."""

    def instruction_fields(self) -> Mapping[str, str]:
        """Return the instruction fields that come from settings.

        They are stored with the instruction, so a later change affects no payment in progress.
        """
        return {}

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        """Request the payment. Sending the same instruction again is idempotent."""

    def query(self, out_bill_no: str) -> ProviderReply:
        """Query the state of a transfer. Only this reply may move the ledger."""

    def cancel(self, out_bill_no: str) -> ProviderReply:
        """Request a cancellation; only ``query`` shows whether it succeeded."""
