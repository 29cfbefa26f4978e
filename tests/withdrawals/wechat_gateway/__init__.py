"""The WeChat gateway against the fake server over real HTTP: one test for each guard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from withdrawals.gateways.base import PayoutInstruction

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


def bill(number: str = "W1", **other: Any) -> PayoutInstruction:
    instruction = PayoutInstruction(
        out_bill_no=number, amount=1000, account="oLan", name="王兰", remark="佣金提现",
        merchant="1900000001", app="wx1900000000000001", position="分销员",
        explanation="商品推广佣金", notify_url="https://shop.example/payouts/wechat",
    )  # fmt: skip
    return replace(instruction, **other)
