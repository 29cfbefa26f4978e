"""Payouts into store credit: the ledger pays them itself, so nothing is ever sent or polled."""

from __future__ import annotations

from withdrawals.gateways.base import Gateway, PayoutInstruction, ProviderReply, ReplyKind

LEDGER = "ledger"


class LedgerGateway(Gateway):
    """A gateway without a provider; ``payouts.conversion`` pays in one transaction."""

    name = LEDGER
    supported_payee_channels = frozenset({"store_credit"})
    min_amount = 1

    def send(self, instruction: PayoutInstruction) -> ProviderReply:
        return self.query(instruction.out_bill_no)

    def query(self, out_bill_no: str) -> ProviderReply:
        # Its attempts end when they start: a call is a bug, and proves nothing.
        return ProviderReply(ReplyKind.UNCLEAR, out_bill_no=out_bill_no, code="ledger_gateway")

    def cancel(self, out_bill_no: str) -> ProviderReply:
        return self.query(out_bill_no)
