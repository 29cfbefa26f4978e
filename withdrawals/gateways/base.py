"""What every way of paying out can do, and how it answers.

A gateway moves money outside. It knows nothing of withdrawals or of the ledger, opens no
transaction and keeps nothing: it is given a frozen bill, and says what it was told, word by word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class State(StrEnum):
    """Where a bill stands at the provider, in WeChat Pay's words."""

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
    """What an answer is worth."""

    STATUS = "status"  # signed, and it says where the bill stands
    NOT_FOUND = "not_found"  # signed; it may also mean: not yet
    REFUSED = "refused"  # signed, or not even sent: this call did nothing; ``code`` says why
    UNCLEAR = "unclear"  # anything may have happened: ask later


@dataclass(frozen=True, slots=True)
class PayoutInstruction:
    """What is to be paid, frozen before it is first sent: the same number is the same content."""

    out_bill_no: str
    """``[0-9A-Za-z]{1,32}``."""
    amount: int
    """Fen."""
    account: str
    """Where to: WeChat's openid, a card number, an Alipay account."""
    name: str
    """The real name; the provider compares it."""
    remark: str
    merchant: str = ""
    app: str = ""
    authorization: str = ""
    """WeChat's id of the member's consent to be paid without confirming each time; "" without."""
    position: str = ""
    explanation: str = ""
    """What the provider wants to know of the reason: 岗位类型 and 报酬说明."""
    notify_url: str = ""
    """Where the provider tells how it ended."""

    def as_dict(self) -> dict[str, Any]:
        """All that a repetition must repeat."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class ProviderReply:
    """What a provider has said to one call."""

    kind: ReplyKind
    state: State | None = None
    """Only if ``kind`` is told."""
    out_bill_no: str = ""
    merchant: str = ""
    app: str = ""
    account: str = ""
    amount: int | None = None
    """Fen. These four, where the provider says them: the ledger compares them with the bill."""
    provider_no: str = ""
    fail_reason: str = ""
    """The provider's code, only if it failed."""
    code: str = ""
    """The provider's error code, or ours for what is unclear: timeout, bad_signature, http_500 …"""
    package_info: str = ""
    """What the member's phone needs to confirm; only while the provider waits for that."""
    raw: Mapping[str, Any] = field(default_factory=dict)
    """Status, headers and body as they came, without secrets: kept as evidence."""


class Gateway(Protocol):
    """Every call returns within some seconds, and raises only for a fault of ours."""

    name: str
    supported_payee_channels: frozenset[str]
    """Channels of payees: wechat, alipay, bank."""
    min_amount: int
    """Fen: the smallest payment."""
    needs_authorization: bool
    """Whether a member must have allowed payments that they do not confirm."""
    confirmed_by_member: bool
    """Whether the member confirms each bill on their phone: it is made when they collect."""

    def instruction_fields(self) -> Mapping[str, str]:
        """What each of its bills says beside who is paid how much: fields of a ``PayoutInstruction``, which are
        frozen with it. Settings that change later change no bill that is under way."""

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        """Ask for the payment. The same bill again is the same payment."""

    def query(self, out_bill_no: str) -> ProviderReply:
        """Where the bill stands. Only this answer moves the ledger."""

    def cancel(self, out_bill_no: str) -> ProviderReply:
        """Ask for the bill to be cancelled; whether it was, only ``query`` tells."""
