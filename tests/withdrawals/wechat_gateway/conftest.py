from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wechatpay import Server
from tests.withdrawals.wechat import gateway_of
from tests.withdrawals.wechat_gateway import NOON
from withdrawals.gateways.wechat import WeChatGateway


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(at=NOON) as server:
        server.set_real_name("oLan", name="王兰")
        yield server


@pytest.fixture
def gateway(server: Server) -> WeChatGateway:
    return gateway_of(server)
