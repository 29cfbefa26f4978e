"""Manual payouts: finance exports the list, pays at the bank and uploads vouchers."""

from __future__ import annotations

from collections.abc import Mapping

from withdrawals.gateways.base import PayoutInstruction, ProviderReply, ReplyKind, State

MANUAL = "manual"


class ManualGateway:
    """A gateway without a provider: only a person with a voucher decides the outcome."""

    name = MANUAL
    supported_payee_channels = frozenset({"wechat", "alipay", "bank"})
    min_amount = 1
    confirmed_by_member = False
    needs_authorization = False

    def instruction_fields(self) -> Mapping[str, str]:
        return {}

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        return ProviderReply(
            ReplyKind.STATUS, state=State.PROCESSING, out_bill_no=instruction.out_bill_no
        )

    def query(self, out_bill_no: str) -> ProviderReply:
        return ProviderReply(ReplyKind.STATUS, state=State.PROCESSING, out_bill_no=out_bill_no)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        return ProviderReply(ReplyKind.UNCLEAR, out_bill_no=out_bill_no, code="manual_gateway")
