from __future__ import annotations

from collections.abc import Iterator

import pytest

from members.models import Member, User
from tests.wechatpay import Server
from tests.withdrawals.factories import NOW, approved
from tests.withdrawals.wechat import a_server, paying_through
from tests.withdrawals.wechat_payouts import AMOUNT
from withdrawals.gateways.wechat import WeChatGateway
from withdrawals.models import Withdrawal


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server:
        yield server


@pytest.fixture
def wechat(server: Server) -> Iterator[WeChatGateway]:
    with paying_through(server) as gateway:
        yield gateway


@pytest.fixture
def ready(lan: Member, qian: User, feng: User, wechat: WeChatGateway) -> Withdrawal:
    """Return 300 yuan approved for Lan, ready to collect."""
    return approved(lan, AMOUNT, qian, feng)
