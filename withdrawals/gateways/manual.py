"""Paid by hand: finance exports what is to be paid, pays at the bank, and shows vouchers."""

from __future__ import annotations

from collections.abc import Mapping

from withdrawals.gateways.base import Answer, Bill, Kind, State

BY_HAND = "manual"


class ManualGateway:
    """There is nobody to ask: only a person who shows a voucher says how it ended."""

    name = BY_HAND
    pays_to = frozenset({"wechat", "alipay", "bank"})
    least = 1
    confirmed_by_member = False
    needs_authorization = False

    def terms(self) -> Mapping[str, str]:
        return {}

    def send(self, bill: Bill) -> Answer:
        return Answer(Kind.TOLD, state=State.PROCESSING, out_bill_no=bill.out_bill_no)

    def ask(self, out_bill_no: str) -> Answer:
        return Answer(Kind.TOLD, state=State.PROCESSING, out_bill_no=out_bill_no)

    def cancel(self, out_bill_no: str) -> Answer:
        return Answer(Kind.UNCLEAR, out_bill_no=out_bill_no, code="by_hand")
