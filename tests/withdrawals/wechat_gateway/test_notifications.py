"""A notification is read only if WeChat Pay signed it for this merchant just now."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import requests

from tests.wechatpay import Keys, Notification, Server
from tests.withdrawals.wechat import gateway_of
from tests.withdrawals.wechat_gateway import bill
from wechatpay.notifications import InvalidNotification
from withdrawals.gateways.base import State
from withdrawals.gateways.wechat import WeChatGateway

pytestmark = pytest.mark.slow


def reason_of(gateway: WeChatGateway, notice: Notification, at: datetime) -> str:
    with pytest.raises(InvalidNotification) as refused:
        gateway.parse_notification(notice.headers, notice.body, at=at)
    assert refused.value.status == 401
    return str(refused.value.data["reason"])


def with_header(notice: Notification, name: str, value: str) -> Notification:
    return Notification({**notice.headers, name: value}, notice.body)


class TestNotifications:
    @pytest.fixture(autouse=True)
    def paid(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        server.calls.clear()

    def test_a_genuine_notification_is_read(self, server: Server, gateway: WeChatGateway) -> None:
        (notice,) = server.notify("W1")
        read = gateway.parse_notification(notice.headers, notice.body, at=server.at)
        assert (read.out_bill_no, read.state) == ("W1", State.SUCCESS)
        content = read.raw["resource"]
        assert (content["transfer_amount"], content["openid"]) == (1000, "oLan")
        assert read.id.startswith("EV-")

    @pytest.mark.parametrize(
        "spelled", [str.lower, lambda name: f"HTTP_{name.upper().replace('-', '_')}"]
    )
    def test_django_header_names_are_accepted(
        self, server: Server, gateway: WeChatGateway, spelled: Callable[[str], str]
    ) -> None:
        (notice,) = server.notify("W1")
        headers = {spelled(name): value for name, value in notice.headers.items()}
        read = gateway.parse_notification(
            headers | {"wsgi.version": (1, 0)}, notice.body, at=server.at
        )  # type: ignore[dict-item]
        assert read.out_bill_no == "W1"

    def test_fifty_copies_have_the_same_id(self, server: Server, gateway: WeChatGateway) -> None:
        notices = server.notify("W1", times=50)
        random.Random(1).shuffle(notices)
        assert (
            len({gateway.parse_notification(*notice, at=server.at).id for notice in notices}) == 1
        )

    def test_the_content_is_only_a_hint(self, server: Server, gateway: WeChatGateway) -> None:
        (notice,) = server.notify("W1", transfer_amount=1, openid="oBo")
        read = gateway.parse_notification(*notice, at=server.at)
        content = read.raw["resource"]
        assert (content["transfer_amount"], content["openid"]) == (1, "oBo")
        asked = gateway.query("W1")
        assert (asked.amount, asked.account) == (1000, "oLan")

    @pytest.mark.parametrize("aged", [timedelta(minutes=10), timedelta(minutes=-10)])
    def test_an_old_or_future_notification_is_refused(
        self, server: Server, gateway: WeChatGateway, aged: timedelta
    ) -> None:
        (notice,) = server.notify("W1", aged=aged)
        assert reason_of(gateway, notice, server.at) == "stale"

    def test_a_replay_after_ten_minutes_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        (notice,) = server.notify("W1")
        gateway.parse_notification(*notice, at=server.at)
        server.pass_time(minutes=10)
        assert reason_of(gateway, notice, server.at) == "stale"

    @pytest.mark.parametrize("stamp", ["", "now", "-1", "1e9", "９９", "9" * 40])
    def test_an_invalid_timestamp_is_refused(
        self, server: Server, gateway: WeChatGateway, stamp: str
    ) -> None:
        changed = with_header(server.notify("W1")[0], "Wechatpay-Timestamp", stamp)
        assert reason_of(gateway, changed, server.at) in {"stale", "not_signed"}

    def test_a_probe_is_refused(self, server: Server, gateway: WeChatGateway) -> None:
        assert reason_of(gateway, server.probe("W1"), server.at) == "probe"

    def test_an_unknown_serial_is_refused_before_any_download(
        self, server: Server, gateway: WeChatGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[object] = []
        monkeypatch.setattr(requests, "request", lambda *words, **_: asked.append(words))
        for serial in ("DEADBEEF", "PUB_KEY_ID_1", "no hex at all"):
            notice = with_header(server.notify("W1")[0], "Wechatpay-Serial", serial)
            assert reason_of(gateway, notice, server.at) == "unknown_serial"
        assert asked == []
        assert server.calls == []

    @pytest.mark.parametrize(
        "name",
        ["Signature", "Timestamp", "Nonce", "Serial", "Signature-Type"],
    )
    def test_every_header_is_required(
        self, server: Server, gateway: WeChatGateway, name: str
    ) -> None:
        (notice,) = server.notify("W1")
        headers = {
            key: value for key, value in notice.headers.items() if key != f"Wechatpay-{name}"
        }
        assert reason_of(gateway, Notification(headers, notice.body), server.at) == "not_signed"

    def test_another_signature_type_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        notice = with_header(server.notify("W1")[0], "Wechatpay-Signature-Type", "NONE")
        assert reason_of(gateway, notice, server.at) == "bad_signature"

    @pytest.mark.parametrize("signature", ["AAAA", "not base 64", "签名"])
    def test_a_bad_signature_is_refused(
        self, server: Server, gateway: WeChatGateway, signature: str
    ) -> None:
        notice = with_header(server.notify("W1")[0], "Wechatpay-Signature", signature)
        assert reason_of(gateway, notice, server.at) == "bad_signature"

    def test_a_changed_body_is_refused(self, server: Server, gateway: WeChatGateway) -> None:
        (notice,) = server.notify("W1")
        changed = Notification(notice.headers, notice.body.replace(b"EV-", b"EW-"))
        assert reason_of(gateway, changed, server.at) == "bad_signature"

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"x" * 70_000])
    def test_an_invalid_body_is_refused(
        self, server: Server, gateway: WeChatGateway, body: bytes
    ) -> None:
        notice = Notification(server.notify("W1")[0].headers, body)
        assert reason_of(gateway, notice, server.at) in {"bad_signature", "malformed"}

    def test_a_notification_for_another_merchant_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        (notice,) = server.notify("W1", mch_id="1900000002")
        assert reason_of(gateway, notice, server.at) == "other_merchant"

    def test_a_notification_encrypted_with_another_key_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        other = gateway_of(server, api_v3_key="0" * 32)
        assert reason_of(other, server.notify("W1")[0], server.at) == "malformed"

    def test_a_notification_of_another_type_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        (notice,) = server.notify("W1", event="TRANSACTION.SUCCESS")
        assert reason_of(gateway, notice, server.at) == "other_event"

    def test_a_notification_without_a_number_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        (notice,) = server.notify("W1", out_bill_no=None)
        assert reason_of(gateway, notice, server.at) == "malformed"

    def test_signed_nonsense_is_refused(self, server: Server, gateway: WeChatGateway) -> None:
        for body in (b"[]", b"{}", b"not json", b'{"resource_type": "encrypt-resource"}'):
            headers = server.keys.sign(body, timestamp=int(server.at.timestamp()))
            assert reason_of(gateway, Notification(headers, body), server.at) == "malformed"

    def test_a_notification_signed_with_another_key_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        (notice,) = server.notify("W1")
        stranger = replace(Keys.generate(), platform_serial=server.keys.platform_serial)
        headers = stranger.sign(notice.body, timestamp=int(server.at.timestamp()))
        assert reason_of(gateway, Notification(headers, notice.body), server.at) == "bad_signature"
