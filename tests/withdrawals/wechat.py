"""A shop that pays through the fake WeChat Pay: over real HTTP, with real signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.test import override_settings

from tests.wechatpay import Server
from wechatpay.merchant import Merchant
from withdrawals import gateways
from withdrawals.gateways.wechat import WeChatGateway

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
        "base_url": server.url,
        "timeout": (3, SILENCE),
    }
    return Merchant(**words | other)


def gateway_of(
    server: Server,
    *,
    position: str = "分销员",
    explanation: str = "商品推广佣金",
    confirmed: bool = True,
    **other: Any,
) -> WeChatGateway:
    """Return a gateway to this server; members confirm each payout or have authorized all."""
    return WeChatGateway(
        merchant_of(server, **other),
        position=position,
        explanation=explanation,
        confirmed_by_member=confirmed,
    )


def configure(settings: Any, server: Server) -> None:
    """Set every setting of WeChat Pay for this server."""
    for name, value in {
        "MERCHANT": server.merchant,
        "APP": server.app,
        "PRIVATE_KEY": server.keys.merchant_pem,
        "CERT_SERIAL": server.keys.merchant_serial,
        "API_V3_KEY": server.keys.api_v3_key,
        "PUBLIC_KEY": server.keys.platform_public_pem,
        "PUBLIC_KEY_ID": server.keys.platform_serial,
        "NOTIFY_URL": "https://shop.example/payouts/wechat",
        "POSITION": "分销员",
        "EXPLANATION": "商品推广佣金",
        "URL": server.url,
    }.items():
        setattr(settings, f"WECHATPAY_{name}", value)


@contextmanager
def paying_through(server: Server, **options: Any) -> Iterator[WeChatGateway]:
    """Send new payouts to this server; ``options`` are those of ``gateway_of``."""
    gateway = gateway_of(server, **options)
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
