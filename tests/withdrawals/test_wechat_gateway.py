"""The WeChat gateway against the fake server over real HTTP: one test for each guard."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.wechatpay import (
    BadSignature,
    BeforeReply,
    Keys,
    NotEnough,
    NotFound,
    Notification,
    OverrideFields,
    Pace,
    Paid,
    RateLimited,
    Redirect,
    Refused,
    ReplyLost,
    RequestLost,
    Server,
    Slow,
    Status,
    UnknownSerial,
    Unsigned,
    WrongFile,
)
from tests.wechatpay.faults import Fault, Response
from tests.withdrawals.wechat import SILENCE, gateway_of, merchant_of
from wechatpay.merchant import Merchant
from wechatpay.notifications import InvalidNotification
from wechatpay.statements import NoStatement, StatementCorrupted, StatementUnavailable
from withdrawals import gateways
from withdrawals.gateways.base import PayoutInstruction, ProviderReply, ReplyKind, State
from withdrawals.gateways.fail_reasons import CODES_BY_CLASS, FailureClass, classify
from withdrawals.gateways.wechat import WeChatGateway

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(at=NOON) as server:
        server.set_real_name("oLan", name="王兰")
        yield server


@pytest.fixture
def gateway(server: Server) -> WeChatGateway:
    return gateway_of(server)


def bill(number: str = "W1", **other: Any) -> PayoutInstruction:
    instruction = PayoutInstruction(
        out_bill_no=number, amount=1000, account="oLan", name="王兰", remark="佣金提现",
        merchant="1900000001", app="wx1900000000000001", position="分销员",
        explanation="商品推广佣金", notify_url="https://shop.example/payouts/wechat",
    )  # fmt: skip
    return replace(instruction, **other)


class TestSend:
    def test_a_bill_waits_for_confirmation_with_its_package(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        answer = gateway.send(bill())
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.WAIT_USER_CONFIRM)
        assert answer.package_info
        assert answer.provider_no == server.bills["W1"].transfer_bill_no
        content = server.bills["W1"].content
        assert content["transfer_scene_report_infos"] == [
            {"info_type": "岗位类型", "info_content": "分销员"},
            {"info_type": "报酬说明", "info_content": "商品推广佣金"},
        ]
        assert content["notify_url"] == "https://shop.example/payouts/wechat"

    def test_a_repeated_bill_is_the_same_payment(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        first = gateway.send(bill())
        server.confirm("W1")
        second = gateway.send(bill())
        assert second.state is State.SUCCESS
        assert (second.provider_no, second.package_info) == (first.provider_no, "")
        assert server.paid("W1") == Paid(1, 1000)

    def test_different_content_under_the_same_number_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill())
        answer = gateway.send(bill(amount=1001))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "INVALID_REQUEST")
        assert server.bills["W1"].amount == 1000

    @pytest.mark.parametrize(("amount", "named"), [(29, False), (30, True), (1000, True)])
    def test_the_name_is_sent_from_30_fen(
        self, server: Server, gateway: WeChatGateway, amount: int, named: bool
    ) -> None:
        assert gateway.send(bill(amount=amount)).kind is ReplyKind.STATUS
        assert server.bills["W1"].content.get("user_name") == ("王兰" if named else None)

    def test_the_bill_uses_the_app_of_its_instruction(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill(app="wxformer"))
        assert "W1" not in server.bills  # the fake server knows only the other app

    @pytest.mark.parametrize(
        ("other", "code"),
        [
            ({"amount": 200_000, "name": ""}, "name_missing"),
            ({"name": "王" * 64}, "name_too_long"),
            ({"remark": "佣" * 33}, "remark_length"),
            ({"remark": ""}, "remark_length"),
            ({"amount": 9}, "amount_too_small"),
            ({"account": ""}, "account_missing"),
            ({"merchant": "1900000002"}, "other_merchant"),
            ({"out_bill_no": "W-1"}, "number_malformed"),
            ({"out_bill_no": "W" * 33}, "number_malformed"),
            ({"out_bill_no": "Ｗ１"}, "number_malformed"),
        ],
    )
    def test_an_invalid_bill_is_not_sent(
        self, server: Server, gateway: WeChatGateway, other: dict[str, Any], code: str
    ) -> None:
        answer = gateway.send(bill(**other))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, code)
        assert server.calls == []

    def test_a_remark_of_32_characters_fits(self, server: Server, gateway: WeChatGateway) -> None:
        assert gateway.send(bill(remark="佣" * 32)).kind is ReplyKind.STATUS

    def test_a_wrong_name_fails_later(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill(name="王蓝"))
        answer = gateway.query("W1")
        assert (answer.state, answer.fail_reason) == (State.FAIL, "NAME_NOT_CORRECT")


class TestAuthorizedBills:
    def test_an_authorized_bill_is_paid_at_once(self, server: Server) -> None:
        gateway = gateway_of(server, confirmed=False)
        answer = gateway.send(bill(authorization=server.authorize("oLan")))
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.SUCCESS)
        assert (answer.account, answer.amount) == ("oLan", 1000)
        assert (answer.merchant, answer.app) == (server.merchant, server.app)
        assert server.bills["W1"].content["user_name"] == "王兰"
        assert server.paid("W1") == Paid(1, 1000)

    def test_the_name_is_sent_from_30_fen(self, server: Server, gateway: WeChatGateway) -> None:
        small = bill(amount=29, authorization=server.authorize("oLan"))
        assert gateway.send(small).state is State.SUCCESS

    def test_an_authorization_of_another_member_is_refused(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        answer = gateway.send(bill(authorization=server.authorize("oBo")))
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "NO_AUTH")

    def test_a_bill_without_authorization_is_not_sent(self, server: Server) -> None:
        gateway = gateway_of(server, confirmed=False)
        answer = gateway.send(bill())
        assert (answer.kind, answer.code) == (ReplyKind.REFUSED, "authorization_missing")
        assert server.calls == []

    def test_the_instruction_determines_the_collection_mode(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        authorized = bill(authorization=server.authorize("oLan"))
        server.script(on="send", faults=[ReplyLost()])
        gateway_of(server, confirmed=False).send(authorized)
        # The mode was switched in between, but the retry is still the same request.
        assert gateway.send(authorized).state is State.SUCCESS
        assert server.paid_to("oLan") == Paid(1, 1000)


class TestQuery:
    def test_the_reply_names_the_payee(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        answer = gateway.query("W1")
        assert (answer.kind, answer.state) == (ReplyKind.STATUS, State.SUCCESS)
        assert (answer.merchant, answer.app) == (server.merchant, server.app)
        assert (answer.out_bill_no, answer.account, answer.amount) == ("W1", "oLan", 1000)

    def test_a_missing_bill_is_reported_as_not_found(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        assert gateway.query("W1").kind is ReplyKind.NOT_FOUND
        gateway.send(bill())
        server.script(on="query", faults=[NotFound()] * 2)
        kinds = [gateway.query("W1").kind for _ in range(3)]
        assert kinds == [ReplyKind.NOT_FOUND, ReplyKind.NOT_FOUND, ReplyKind.STATUS]

    def test_an_uncollected_bill_has_failed(self, server: Server, gateway: WeChatGateway) -> None:
        server.pace = Pace(closing=timedelta(hours=1))
        gateway.send(bill())
        server.pass_time(hours=24)
        assert gateway.query("W1").state is State.WAIT_USER_CONFIRM
        server.pass_time(hours=1)
        answer = gateway.query("W1")
        assert (answer.state, answer.fail_reason) == (State.FAIL, "OVERDUE_CLOSE")

    def test_the_reply_contains_the_fields_of_the_bill(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        gateway.send(bill())
        server.script(
            on="query",
            faults=[OverrideFields(mch_id="2", appid="wx2", openid="o2", transfer_amount=2)],
        )
        answer = gateway.query("W1")
        fields = (answer.merchant, answer.app, answer.account, answer.amount)
        assert fields == ("2", "wx2", "o2", 2)

    def test_a_number_cannot_change_the_path(self, server: Server, gateway: WeChatGateway) -> None:
        with pytest.raises(ValueError, match="no number"):
            gateway.query("W1/cancel")
        assert server.calls == []


class TestCancel:
    def test_a_cancellation_is_only_accepted(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        assert gateway.cancel("W1").state is State.CANCELING
        assert gateway.query("W1").state is State.CANCELLED

    def test_a_cancellation_can_be_too_late(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        assert gateway.cancel("W1").kind is ReplyKind.REFUSED
        assert gateway.query("W1").state is State.SUCCESS

    def test_cancelling_a_missing_bill(self, gateway: WeChatGateway) -> None:
        assert gateway.cancel("W1").kind is ReplyKind.NOT_FOUND

    def test_a_cancellation_races_with_the_member(
        self, server: Server, gateway: WeChatGateway
    ) -> None:
        server.pace = Pace(canceling=timedelta(minutes=1))
        gateway.send(bill())
        tapped: list[bool] = []
        server.script(
            on="cancel", faults=[BeforeReply(lambda: tapped.append(server.confirm("W1")))]
        )
        assert gateway.cancel("W1").state is State.CANCELING
        assert tapped == [False]


UNCLEAR: list[tuple[Fault, str]] = [
    (RequestLost(), "connection_lost"),
    (ReplyLost(), "connection_lost"),
    (Slow(SILENCE * 3), "timeout"),
    (Status(500, done=True), "http_500"),
    (Status(500), "http_500"),
    (Status(502, signed="not"), "http_502"),
    (RateLimited(), "http_429"),
    (BadSignature(), "bad_signature"),
    (UnknownSerial(), "bad_signature"),
    (Unsigned(), "not_signed"),
    (Refused("SOMETHING_NEW"), "SOMETHING_NEW"),
    (Refused("SIGN_ERROR", status=401), "SIGN_ERROR"),
    (Status(403, "NOT_ENOUGH", signed="not"), "not_signed"),
    (Status(404, "NOT_FOUND", signed="not"), "not_signed"),
    (Status(404, "NOT_FOUND", signed="badly"), "bad_signature"),
    (Status(302), "SYSTEM_ERROR"),
    (OverrideFields(state="PAID"), "unknown_state"),
    (OverrideFields(state=None), "unknown_state"),
    (OverrideFields(out_bill_no="W2"), "other_bill"),
    (OverrideFields(transfer_amount="1000"), "malformed"),
    (OverrideFields(transfer_amount=1000.0), "malformed"),
    (OverrideFields(transfer_amount=True), "malformed"),
    (OverrideFields(openid=["oLan"]), "malformed"),
    (WrongFile(b"[]"), "malformed"),
    (WrongFile(b"<html>"), "malformed"),
    (WrongFile(b"\xff"), "bad_signature"),
]


@pytest.mark.parametrize("on", ["send", "query", "cancel"])
@pytest.mark.parametrize(("fault", "code"), UNCLEAR)
def test_an_unproven_outcome_is_unclear(
    server: Server, gateway: WeChatGateway, on: str, fault: Fault, code: str
) -> None:
    calls: dict[str, Callable[[], ProviderReply]] = {
        "send": lambda: gateway.send(bill()),
        "query": lambda: gateway.query("W1"),
        "cancel": lambda: gateway.cancel("W1"),
    }
    if on != "send":
        gateway.send(bill())
    server.script(on=on, faults=[fault])
    answer = calls[on]()
    assert (answer.kind, answer.code, answer.state) == (ReplyKind.UNCLEAR, code, None)
    assert answer.out_bill_no == "W1"


def test_an_unreachable_provider_is_unclear(server: Server, gateway: WeChatGateway) -> None:
    server.stop()
    assert gateway.send(bill()).code == "connection_lost"


def test_not_found_is_not_a_valid_reply_to_a_send(server: Server, gateway: WeChatGateway) -> None:
    server.script(on="send", faults=[NotFound()])
    assert gateway.send(bill()).kind is ReplyKind.UNCLEAR


@pytest.mark.parametrize("fault", [ReplyLost(), Slow(SILENCE * 3), BadSignature()])
def test_an_unclear_outcome_is_found_by_polling(
    server: Server, gateway: WeChatGateway, fault: Fault
) -> None:
    server.script(on="send", faults=[fault])
    assert gateway.send(bill()).kind is ReplyKind.UNCLEAR
    assert gateway.query("W1").state is State.WAIT_USER_CONFIRM


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (NotEnough(), "NOT_ENOUGH"),
        (Refused("PARAM_ERROR"), "PARAM_ERROR"),
        (Refused("INVALID_REQUEST"), "INVALID_REQUEST"),
        (Refused("NO_AUTH", status=403), "NO_AUTH"),
    ],
)
def test_a_refusal_has_a_reason(
    server: Server, gateway: WeChatGateway, fault: Fault, code: str
) -> None:
    server.script(on="send", faults=[fault])
    answer = gateway.send(bill())
    assert (answer.kind, answer.code) == (ReplyKind.REFUSED, code)
    assert server.bills == {}


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
    assert gateways._create_gateway.__wrapped__("wechat").send(bill()).kind is ReplyKind.STATUS


def reason_of(gateway: WeChatGateway, notice: Notification, at: datetime) -> str:
    with pytest.raises(InvalidNotification) as refused:
        gateway.parse_notification(notice.headers, notice.body, at=at)
    assert refused.value.status == 401
    return str(refused.value.data["reason"])


class TestNotifications:
    @pytest.fixture(autouse=True)
    def paid(self, server: Server, gateway: WeChatGateway) -> None:
        gateway.send(bill())
        server.confirm("W1")
        server.calls.clear()

    def test_a_genuine_notification_is_read(self, server: Server, gateway: WeChatGateway) -> None:
        (notice,) = server.notify("W1")
        read = gateway.parse_notification(notice.headers, notice.body, at=server.at)
        assert (read.out_bill_no, read.state, read.amount) == ("W1", State.SUCCESS, 1000)
        assert read.account == "oLan"
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
        assert (read.amount, read.account) == (1, "oBo")
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


def with_header(notice: Notification, name: str, value: str) -> Notification:
    return Notification({**notice.headers, name: value}, notice.body)


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


class TestReasons:
    def test_every_provider_code_has_one_reason(self) -> None:
        codes = [code for codes in CODES_BY_CLASS.values() for code in codes]
        assert len(codes) == len(set(codes)) == 38

    @pytest.mark.parametrize(
        ("code", "kind"),
        [
            ("NAME_NOT_CORRECT", FailureClass.MEMBER_MUST_ACT),
            ("DAY_RECEIVED_QUOTA_EXCEED", FailureClass.WAIT),
            ("MERCHANT_NOT_CONFIRM", FailureClass.WE_MUST_ACT),
            ("OVERDUE_CLOSE", FailureClass.NEUTRAL),
            ("TRANSFER_RISK", FailureClass.RISK),
            ("SOMETHING_NEW", FailureClass.UNKNOWN),
            ("", FailureClass.UNKNOWN),
        ],
    )
    def test_an_unknown_code_needs_a_person(self, code: str, kind: FailureClass) -> None:
        assert classify(code) is kind
