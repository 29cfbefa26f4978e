"""A shop that pays through the fake WeChat Pay: over real HTTP, with real signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.test import override_settings

from tests.wechatpay import Server
from withdrawals import gateways
from withdrawals.gateways.wechat import Merchant, WeChatGateway

SILENCE = 0.3  # read timeout of the client in seconds


def merchant_of(server: Server, **other: Any) -> Merchant:
    words = {
        "mchid": server.merchant,
        "appid": server.app,
        "private_key": server.keys.merchant_pem,
        "cert_serial": server.keys.merchant_serial,
        "api_v3_key": server.keys.api_v3_key,
        "public_key": server.keys.platform_public_pem,
        "public_key_id": server.keys.platform_serial,
        "notify_url": "https://shop.example/payouts/wechat",
        "position": "分销员",
        "explanation": "商品推广佣金",
        "base_url": server.url,
        "timeout": (3, SILENCE),
    }
    return Merchant(**words | other)


@contextmanager
def paying_through(
    server: Server, *, confirmed: bool = True, **other: Any
) -> Iterator[WeChatGateway]:
    """Send new payouts to this server; members confirm them or have authorized them."""
    gateway = WeChatGateway(merchant_of(server, **other), confirmed_by_member=confirmed)
    original = gateways._create_gateway
    gateways._create_gateway = lambda name: gateway if name == "wechat" else original(name)  # type: ignore[assignment]
    try:
        with override_settings(PAYOUT_GATEWAY="wechat"):
            yield gateway
    finally:
        gateways._create_gateway = original


@contextmanager
def a_server(at: datetime) -> Iterator[Server]:
    with Server(at=at) as server:
        server.set_real_name("openid-of-lan", name="Lan")
        yield server
