"""WeChat reports withdrawn consent and cancelled accounts at our door."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client, override_settings
from wechatpy.crypto import PrpCrypto

from common import clock
from members import closing
from members.closing import CloseBlocker
from members.models import Identity, Member, MemberSession, WeChatMessage
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db

TOKEN = "events-token"
KEY = base64.b64encode(b"k" * 32).decode().rstrip("=")


@pytest.fixture(autouse=True)
def door() -> Iterator[None]:
    with override_settings(WECHAT_EVENTS_TOKEN=TOKEN, WECHAT_EVENTS_KEY=KEY):
        yield


@pytest.fixture
def lan(db: None) -> ApiClient:
    """Lan, who came with WeChat and gave a phone number."""
    client = ApiClient()
    body = {"code": "lan", "phone_code": "13800138000"}
    client.access = client.post("/auth/wechat/login", body).json()["access"]
    client.put("/me", {"nickname": "Lan", "city": "杭州"})
    return client


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted((TOKEN, *parts))).encode()).hexdigest()


def stamp(seconds: int = 0) -> str:
    return str(int(clock.now().timestamp()) + seconds)


def message(event: str, **fields: Any) -> dict[str, Any]:
    identity = Identity.objects.filter(provider="wechat_mini").first()
    openid = identity.external_id if identity else "nobody"
    return {
        "ToUserName": "gh_1", "FromUserName": openid, "CreateTime": 1_700_000_000,
        "MsgType": "event", "Event": event, "OpenID": openid, **fields,
    }  # fmt: skip


def send(content: Any, *, app: str = "sandbox-mini", seconds: int = 0, forged: str = "") -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    crypto = PrpCrypto(base64.b64decode(f"{KEY}="))
    encrypted = crypto.encrypt(text, app).decode()
    at = stamp(seconds)
    signed = signature(at, "n-1", encrypted)
    query = {"timestamp": at, "nonce": "n-1", "msg_signature": forged or signed}
    body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted})
    return Client().post(f"/wechat/events?{urlencode(query)}", body, "application/json")


def taken(response: Any) -> bool:
    return (response.status_code, response.content) == (200, b"success")


def test_the_echo_proves_the_address() -> None:
    at = stamp()
    query = {
        "timestamp": at, "nonce": "n", "echostr": "12345", "signature": signature(at, "n"),
    }  # fmt: skip

    assert Client().get("/wechat/events", query).content == b"12345"
    assert Client().get("/wechat/events", {**query, "signature": "0"}).status_code == 401
    assert Client().get("/wechat/events", {**query, "nonce": "m"}).status_code == 401
    assert Client().get("/wechat/events").status_code == 401


@pytest.mark.parametrize(
    ("numbers", "nickname", "phone"),
    [
        ("8", "Lan", ""),
        ("6", "", "****8000"),
        ("19,8", "", ""),
        ("205", "", "****8000"),
        ("20", "Lan", "****8000"),
        ("201", "Lan", "****8000"),
        ("12", "Lan", "****8000"),
        ("", "", ""),
    ],
)
def test_withdrawn_consent_deletes_the_named_fields(
    lan: ApiClient, numbers: str, nickname: str, phone: str
) -> None:
    assert taken(send(message("user_authorization_revoke", RevokeInfo=numbers)))

    profile = lan.get("/me").json()
    assert (profile["nickname"], profile["phone"]) == (nickname, phone)


def test_a_message_may_be_xml(lan: ApiClient) -> None:
    fields = message("USER_AUTHORIZATION_REVOKE", RevokeInfo="8")
    xml = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())

    assert taken(send(f"<xml>{xml}</xml>"))
    assert lan.get("/me").json()["phone"] == ""


def test_a_repetition_changes_nothing(lan: ApiClient) -> None:
    told = message("user_authorization_revoke", RevokeInfo="6")
    send(told)
    lan.put("/me", {"nickname": "Lan again"})

    assert taken(send(told))

    assert lan.get("/me").json()["nickname"] == "Lan again"
    assert WeChatMessage.objects.count() == 1


def test_a_cancelled_account_is_closed(lan: ApiClient) -> None:
    assert taken(send(message("user_authorization_cancellation")))

    assert Member.objects.get().closed_at
    assert problem_code(lan.get("/me")) == (401, "session_revoked")
    assert not Identity.objects.exists()


@pytest.mark.slow
def test_closing_deletes_what_wechat_sent(lan: ApiClient) -> None:
    revoked = message("user_authorization_revoke", RevokeInfo="8")
    assert taken(send(revoked))

    assert lan.post("/me/close").status_code == 204

    row = WeChatMessage.objects.get()
    assert (row.event, row.content_encrypted) == ("user_authorization_revoke", "")
    assert taken(send(revoked))
    assert WeChatMessage.objects.count() == 1


def test_a_cancelled_account_with_open_business_is_locked(lan: ApiClient) -> None:
    def find(member: Member) -> Iterator[CloseBlocker]:
        yield CloseBlocker("open_orders", "There are open orders.")

    closing.register(find)
    try:
        assert taken(send(message("user_authorization_cancellation")))
    finally:
        closing._FINDERS.remove(find)

    member = Member.objects.get()
    assert member.closed_at is None
    assert member.locked_at
    assert (member.nickname, member.phone_encrypted) == ("", "")
    assert MemberSession.objects.get().end_reason == "locked"


@pytest.mark.parametrize("event", ["user_info_modified", "subscribe", ""])
def test_other_events_are_stored_only(lan: ApiClient, event: str) -> None:
    assert taken(send(message(event)))

    assert lan.get("/me").json()["nickname"] == "Lan"
    assert WeChatMessage.objects.get().event == event


def test_an_event_about_a_stranger_is_stored(db: None) -> None:
    assert taken(send(message("user_authorization_revoke", RevokeInfo="8")))

    assert WeChatMessage.objects.get().member is None


@pytest.mark.parametrize(
    "options", [{"forged": "0" * 40}, {"forged": "é"}, {"seconds": -400}, {"seconds": 400},
                {"app": "wx-other"}]
)  # fmt: skip
def test_a_forged_or_stale_message_changes_nothing(lan: ApiClient, options: dict[str, Any]) -> None:
    response = send(message("user_authorization_cancellation"), **options)

    assert response.status_code == 401
    assert response.content == b""
    assert not WeChatMessage.objects.exists()
    assert lan.get("/me").json()["nickname"] == "Lan"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"<xml>", b"<xml/>", b"\xff", b"<a/>", b'{"Encrypt": 7}',
     b'{"Encrypt": "x"}', b'{"Event": "user_authorization_cancellation"}',
     b'<!DOCTYPE x [<!ENTITY e "e">]><xml><Encrypt>&e;</Encrypt></xml>', b"x" * 70_000],
)  # fmt: skip
def test_malformed_messages_are_refused(lan: ApiClient, body: bytes) -> None:
    at = stamp()
    query = {"timestamp": at, "nonce": "n", "signature": signature(at, "n")}

    response = Client().post(f"/wechat/events?{urlencode(query)}", body, "application/json")

    assert response.status_code in (401, 413)
    assert not WeChatMessage.objects.exists()


def test_a_signed_message_that_is_nonsense_is_refused(lan: ApiClient) -> None:
    assert send("no message").status_code == 401


@override_settings(WECHAT_EVENTS_TOKEN="")
def test_without_a_token_the_door_is_closed() -> None:
    assert Client().get("/wechat/events").status_code == 404
    assert Client().post("/wechat/events").status_code == 404
