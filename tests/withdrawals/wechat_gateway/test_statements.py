"""Statements of the operation account are fetched and checked by their hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date

import pytest

from tests.wechatpay import (
    BadSignature,
    OverrideFields,
    RequestLost,
    Server,
    Slow,
    Status,
    WrongFile,
)
from tests.wechatpay.faults import Fault, Response
from tests.withdrawals.wechat import SILENCE
from tests.withdrawals.wechat_gateway import NOON, bill
from wechatpay.statements import NoStatement, StatementCorrupted, StatementUnavailable
from withdrawals.gateways.wechat import WeChatGateway

pytestmark = pytest.mark.slow


class Elsewhere:
    """Let the download URL name another host."""

    def __init__(self, host: str) -> None:
        self.host = host

    def play(self, carry_out: Callable[[], Response], pause: object) -> Response | None:
        response = carry_out()
        token = json.loads(response.body)["download_url"].rpartition("=")[2]
        url = f"{self.host}/v3/billdownload/file?token={token}"
        return OverrideFields(download_url=url).play(lambda: response, lambda _: None)


class TestFundFlowBill:
    DAY = date(2026, 5, 1)

    @pytest.fixture(autouse=True)
    def moved(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        server.pass_time(days=1)

    def test_the_file_is_returned_uncompressed(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        assert gateway.fetch_fund_flow(self.DAY) == server.statement(self.DAY)

    def test_a_wrong_file_is_refused(self, server: Server, gateway: WeChatGateway) -> None:
        server.script(on="download", faults=[WrongFile(b"not gzip")])
        with pytest.raises(StatementCorrupted):
            gateway.fetch_fund_flow(self.DAY)

    def test_a_wrong_hash_is_refused(self, server: Server, gateway: WeChatGateway) -> None:
        other = hashlib.sha1(b"another").hexdigest()
        server.script(
            on="statement",
            faults=[OverrideFields(hash_value=other), OverrideFields(hash_type="MD5")],
        )
        for _ in range(2):
            with pytest.raises(StatementCorrupted):
                gateway.fetch_fund_flow(self.DAY)

    def test_signed_requests_go_to_no_other_host(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        with Server(at=NOON) as stranger:
            server.script(on="statement", faults=[Elsewhere(stranger.url)])
            assert gateway.fetch_fund_flow(self.DAY) == server.statement(self.DAY)
            assert stranger.calls == []

    def test_a_day_without_movement_has_none(self, server: Server, gateway: WeChatGateway) -> None:
        with pytest.raises(NoStatement):
            gateway.fetch_fund_flow(date(2026, 4, 30))

    @pytest.mark.parametrize(
        ("on", "fault", "reason"),
        [
            ("statement", Status(500), "SYSTEM_ERROR"),
            ("statement", BadSignature(), "bad_signature"),
            ("statement", Status(400, "NO_STATEMENT_EXIST", signed="not"), "not_signed"),
            ("statement", RequestLost(), "connection_lost"),
            ("download", Status(500), "http_500"),
            ("download", Slow(SILENCE * 3), "timeout"),
        ],
    )
    def test_the_statement_may_be_available_later(
        self, server: Server, gateway: WeChatGateway, on: str, fault: Fault, reason: str
    ) -> None:
        server.script(on=on, faults=[fault])
        with pytest.raises(StatementUnavailable) as refused:
            gateway.fetch_fund_flow(self.DAY)
        assert type(refused.value) is StatementUnavailable
        assert refused.value.data["reason"] == reason

    def test_the_statement_is_not_available_before_ten(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        with pytest.raises(StatementUnavailable) as refused:
            gateway.fetch_fund_flow(date(2026, 5, 2))
        assert refused.value.data["reason"] == "STATEMENT_CREATING"
