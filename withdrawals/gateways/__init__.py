"""The ways of paying out, by name: one of each in a process."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from withdrawals.gateways.base import Gateway
from withdrawals.gateways.ledger import LEDGER, LedgerGateway
from withdrawals.gateways.manual import ManualGateway
from withdrawals.gateways.sandbox import SandboxGateway

STORE_CREDIT = "store_credit"


def gateway(name: str = "") -> Gateway:
    """The one that is named, else the one that the settings have chosen."""
    return _create_gateway(name or settings.PAYOUT_GATEWAY)


def gateway_for(channel: str) -> Gateway:
    """The one that pays payees of this channel, perhaps with a refusal; "" is any outside one."""
    return gateway(LEDGER if channel == STORE_CREDIT else "")


@cache
def _create_gateway(name: str) -> Gateway:
    if name == "wechat":
        # Only where it pays: its library and its keys are needed nowhere else.
        from wechatpay.merchant import Merchant  # noqa: PLC0415
        from withdrawals.gateways.wechat import WeChatGateway  # noqa: PLC0415

        return WeChatGateway(
            Merchant.from_settings(),
            position=settings.WECHATPAY_POSITION,
            explanation=settings.WECHATPAY_EXPLANATION,
            confirmed_by_member=settings.WECHATPAY_CONFIRMED_BY_MEMBER,
        )
    if name == LEDGER:
        return LedgerGateway()
    if name == "manual":
        return ManualGateway()
    if name == "sandbox":
        return SandboxGateway()
    raise ValueError(f"no way of paying out is called {name!r}")
