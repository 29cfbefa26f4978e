"""Connections, signatures and settings of the client."""

from __future__ import annotations

import base64
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.wechatpay import Redirect, RequestLost, Server, Status
from tests.withdrawals.wechat import configure, gateway_of, merchant_of
from tests.withdrawals.wechat_gateway import NOON, bill
from wechatpay.merchant import Merchant
from withdrawals import gateways
from withdrawals.gateways.base import ReplyKind, State
from withdrawals.gateways.wechat import WeChatGateway


class TestTransport:
    def test_default_timeouts_are_3_and_10_seconds(self) -> None:
        assert Merchant.__dataclass_fields__["timeout"].default == (3, 10)

    def test_the_default_host_is_wechats(self) -> None:
        fields = Merchant.__dataclass_fields__
        assert fields["base_url"].default == "https://api.mch.weixin.qq.com"

    def test_redirects_are_not_followed(self, server: Server, gateway: WeChatGateway) -> None:
        with Server(at=NOON) as stranger:
            away = f"{stranger.url}/v3/fund-app/mch-transfer/transfer-bills"
            server.script(on="send", faults=[Redirect(away)])
            assert gateway.send(bill()).code == "http_307"
            assert stranger.calls == []

    def test_requests_are_not_retried_automatically(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        server.script(on="send", faults=[RequestLost(), Status(500)])
        gateway.send(bill())
        gateway.send(bill())
        assert server.calls == [("send", "W1")] * 2

    def test_stored_evidence_can_be_verified_again(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill())
        raw = json.loads(json.dumps(gateway.query("W1").raw))
        headers, verify = raw["headers"], server.keys.platform.public_key().verify
        stamp = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n"
        signature = base64.b64decode(headers["Wechatpay-Signature"])
        verify(signature, f"{stamp}{raw['body']}\n".encode(), PKCS1v15(), SHA256())
        with pytest.raises(InvalidSignature):
            verify(signature, f"{stamp}{raw['body']} \n".encode(), PKCS1v15(), SHA256())
        assert raw["status"] == 200
        assert "Authorization" not in headers

    def test_a_netrc_file_is_ignored(
        self, gateway: WeChatGateway, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login lan password secret\n")
        monkeypatch.setenv("NETRC", str(netrc))
        assert gateway.send(bill()).kind is ReplyKind.STATUS

    def test_the_log_contains_no_personal_data(
        self, gateway: WeChatGateway, server: Server, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            gateway.send(bill())
            server.confirm("W1")
            gateway.query("W1")
            gateway.parse_notification(*server.notify("W1")[0], at=server.at)
        for secret in ("王兰", "oLan", "Authorization", server.keys.api_v3_key):
            assert secret not in caplog.text

    def test_the_repr_shows_no_key(self, server: Server) -> None:
        shown = repr(merchant_of(server))
        assert "PRIVATE KEY" not in shown
        assert server.keys.api_v3_key not in shown

    def test_a_gateway_serves_many_threads(self, server: Server, gateway: WeChatGateway) -> None:
        numbers = [f"W{number}" for number in range(60)]

        def pay(number: str) -> State | None:
            sent = gateway.send(bill(number, amount=1000 + int(number[1:])))
            assert sent.state is State.WAIT_USER_CONFIRM, sent.code
            server.confirm(number)
            reply = gateway.query(number)
            assert reply.amount == 1000 + int(number[1:])
            return reply.state

        with ThreadPoolExecutor(12) as pool:
            assert set(pool.map(pay, numbers)) == {State.SUCCESS}
        assert all(server.paid(number).times == 1 for number in numbers)

    @pytest.mark.parametrize(
        "wrong",
        [{"api_v3_key": "short"}, {"position": "岗" * 33}, {"explanation": ""}, {"notify_url": ""}],
    )
    def test_invalid_settings_are_refused_at_once(
        self, server: Server, wrong: dict[str, str]
    ) -> None:
        with pytest.raises(ValueError, match=r"WeChat Pay|API v3"):
            gateway_of(server, **wrong)


def test_the_gateway_is_created_from_the_settings(server: Server, settings: Any) -> None:
    configure(settings, server)
    assert gateways._create_gateway.__wrapped__("wechat").send(bill()).kind is ReplyKind.STATUS
