"""Manual payouts: finance exports the list, pays at the bank and uploads vouchers."""

from __future__ import annotations

from withdrawals.gateways.base import Gateway, PayoutInstruction, ProviderReply, ReplyKind, State

MANUAL = "manual"


class ManualGateway(Gateway):
    """A gateway without a provider: only a person with a voucher decides the outcome."""

    name = MANUAL
    min_amount = 1

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        return ProviderReply(
            ReplyKind.STATUS, state=State.PROCESSING, out_bill_no=instruction.out_bill_no
        )

    def query(self, out_bill_no: str) -> ProviderReply:
        return ProviderReply(ReplyKind.STATUS, state=State.PROCESSING, out_bill_no=out_bill_no)

    def cancel(self, out_bill_no: str) -> ProviderReply:
        return ProviderReply(ReplyKind.UNCLEAR, out_bill_no=out_bill_no, code="manual_gateway")
