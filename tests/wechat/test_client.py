"""The gateway asks WeChat for what each call needs, within a time, and keeps our secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cast import NOON
from tests.wechat.server import FakeWeChat, fake_wechat
from wechat import client
from wechat.client import WeChatGateway
from wechat.errors import (
    MessageInvalid,
    MessageNotSent,
    MessageRefused,
    WeChatCodeInvalid,
    WeChatUnavailable,
    WeChatUserAway,
    WeChatUserBlocked,
)
from wechat.gateway import PictureCheck, WeChatUser

SESSION, OAUTH = "/sns/jscode2session", "/sns/oauth2/access_token"
PHONE = "/wxa/business/getuserphonenumber"
SEND = "/cgi-bin/message/subscribe/send"
TEXT, MEDIA = "/wxa/msg_sec_check", "/wxa/media_check_async"


class Store(dict[str, Any]):
    """What the gateway uses of Redis."""

    def set(self, key: str, value: Any, ex: int | None = None) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)


@pytest.fixture
def wechat() -> Iterator[FakeWeChat]:
    with fake_wechat() as fake:
        yield fake


def gateway(wechat: FakeWeChat, store: Store | None = None) -> WeChatGateway:
    return WeChatGateway(
        mini=("wx-mini", "mini-secret"), official=("wx-official", "official-secret"),
        base_url=wechat.url, store=Store() if store is None else store,
    )  # fmt: skip


def test_a_login_asks_once_and_needs_no_token(wechat: FakeWeChat) -> None:
    wechat.answers[SESSION] = {"openid": "o-1", "unionid": "u-1", "session_key": "k"}

    user = gateway(wechat).mini_program_user("code-1")

    assert user == WeChatUser("wx-mini", "o-1", "u-1")
    ((path, query, _body),) = wechat.requests
    assert (path, query) == (
        SESSION,
        {"appid": "wx-mini", "secret": "mini-secret", "js_code": "code-1",
         "grant_type": "authorization_code"},
    )  # fmt: skip


def test_a_page_login_is_that_of_the_official_account(wechat: FakeWeChat) -> None:
    wechat.answers[OAUTH] = {"access_token": "x", "openid": "o-2", "scope": "snsapi_base"}

    assert gateway(wechat).official_account_user("c") == WeChatUser("wx-official", "o-2", "")
    assert wechat.requests[0][1]["appid"] == "wx-official"


PROFILE = "/sns/userinfo"


def test_the_picture_of_who_lets_us_see_their_profile(wechat: FakeWeChat) -> None:
    wechat.answers[OAUTH] = {"access_token": "x", "openid": "o-2", "scope": "snsapi_userinfo"}
    wechat.answers[PROFILE] = {"openid": "o-2", "headimgurl": "https://thirdwx.qlogo.cn/a/132"}

    user = gateway(wechat).official_account_user("c")

    assert user.avatar_url == "https://thirdwx.qlogo.cn/a/132"
    path, query, _body = wechat.requests[1]
    assert (path, query) == (PROFILE, {"access_token": "x", "openid": "o-2"})


@pytest.mark.parametrize("answer", [{"errcode": 48001}, {"headimgurl": None}, []])
def test_without_a_picture_they_are_signed_in_too(wechat: FakeWeChat, answer: Any) -> None:
    wechat.answers[OAUTH] = {"access_token": "x", "openid": "o-2", "scope": "snsapi_userinfo"}
    wechat.answers[PROFILE] = answer

    assert gateway(wechat).official_account_user("c") == WeChatUser("wx-official", "o-2", "")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (40029, WeChatCodeInvalid),
        (40163, WeChatCodeInvalid),
        (40226, WeChatUserBlocked),
        (-1, WeChatUnavailable),
        (45011, WeChatUnavailable),
        (40125, WeChatUnavailable),
    ],
)
def test_an_error_of_wechat_becomes_ours_without_the_request(
    wechat: FakeWeChat, code: int, error: type[Exception]
) -> None:
    wechat.answers[SESSION] = {"errcode": code, "errmsg": "rid: 1"}

    with pytest.raises(error) as raised:
        gateway(wechat).mini_program_user("c")

    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None


@pytest.mark.parametrize("answer", [b"<html>", b"", b"[]", b"{}", b'{"errcode": "x"}'])
@pytest.mark.parametrize("path", [SESSION, PHONE])
def test_an_answer_that_is_none_means_unavailable(
    wechat: FakeWeChat, path: str, answer: bytes
) -> None:
    wechat.answers[path] = answer
    ask = gateway(wechat)

    with pytest.raises(WeChatUnavailable):
        ask.mini_program_user("c") if path == SESSION else ask.phone_number("c")


def test_a_slow_answer_is_not_awaited(wechat: FakeWeChat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "TIMEOUT", (0.2, 0.2))
    wechat.delay = 0.6
    ask = gateway(wechat)

    for call in (ask.mini_program_user, ask.official_account_user, ask.phone_number):
        with pytest.raises(WeChatUnavailable):
            call("c")
    with pytest.raises(WeChatUnavailable):
        ask.js_config("https://h5.example/", at=NOON)


def test_nobody_answers(wechat: FakeWeChat) -> None:
    ask = gateway(wechat)
    ask._mini.base_url = "http://127.0.0.1:9"

    with pytest.raises(WeChatUnavailable) as raised:
        ask.mini_program_user("c")

    assert raised.value.__context__ is None


@pytest.mark.parametrize(("country", "number"), [("86", "13800138000"), ("852", "+85213800138000")])
def test_a_phone_number_has_its_country_outside_china(
    wechat: FakeWeChat, country: str, number: str
) -> None:
    wechat.answers[PHONE] = {
        "errcode": 0,
        "phone_info": {"purePhoneNumber": "13800138000", "countryCode": country},
    }

    assert gateway(wechat).phone_number("c") == number
    assert wechat.requests[-1] == (PHONE, {"access_token": "T"}, {"code": "c"})


def test_an_expired_token_is_fetched_again(wechat: FakeWeChat) -> None:
    store = Store({"wechat:wx-mini_access_token": '"old"'})
    wechat.answers[PHONE] = {"errcode": 40001, "errmsg": "invalid credential"}

    with pytest.raises(WeChatUnavailable):
        gateway(wechat, store).phone_number("c")

    assert wechat.paths() == [PHONE, "/cgi-bin/stable_token", PHONE]
    tokens = [query.get("access_token") for _path, query, _body in wechat.requests]
    assert tokens == ["old", None, "T"]


def test_token_and_ticket_are_fetched_once(wechat: FakeWeChat) -> None:
    store = Store()

    configs = [
        gateway(wechat, store).js_config("https://h5.example/?a=1", at=NOON) for _ in range(3)
    ]

    assert wechat.paths() == ["/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"]
    one = configs[0]
    text = (
        f"jsapi_ticket=J&noncestr={one.nonce}&timestamp={one.timestamp}&url=https://h5.example/?a=1"
    )
    assert one.signature == hashlib.sha1(text.encode()).hexdigest()
    assert (one.app_id, one.timestamp) == ("wx-official", int(NOON.timestamp()))


def test_the_address_of_wechat_carries_no_secret(wechat: FakeWeChat) -> None:
    url = gateway(wechat).authorize_url(return_to="https://h5.example/a?b=1", state="s1")

    assert url == (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx-official"
        "&redirect_uri=https%3A%2F%2Fh5.example%2Fa%3Fb%3D1&response_type=code"
        "&scope=snsapi_base&state=s1#wechat_redirect"
    )


@pytest.mark.parametrize(
    ("suggest", "decent"), [("pass", True), ("review", False), ("risky", False), (None, False)]
)
def test_a_text_is_decent_if_wechat_lets_it_pass(
    wechat: FakeWeChat, suggest: str | None, decent: bool
) -> None:
    wechat.answers[TEXT] = {"errcode": 0, "errmsg": "ok", "result": {"suggest": suggest}}

    assert gateway(wechat).is_decent("小兰", openid="o-1") is decent
    path, query, body = wechat.requests[-1]
    assert (path, query) == (TEXT, {"access_token": "T"})
    assert body == {"content": "小兰", "openid": "o-1", "version": 2, "scene": 1}


def test_a_picture_is_checked_later(wechat: FakeWeChat) -> None:
    wechat.answers[MEDIA] = {"errcode": 0, "errmsg": "ok", "trace_id": "t-1"}

    check = gateway(wechat).check_picture("https://shop.example/a.jpg", openid="o-1")

    assert check == PictureCheck("t-1", is_fine=None)
    assert wechat.requests[-1][2]["media_url"] == "https://shop.example/a.jpg"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 61010, "errmsg": "away"}, WeChatUserAway),
        ({"errcode": 0, "errmsg": "ok"}, WeChatUnavailable),
        ({"errcode": 45009, "errmsg": "limit"}, WeChatUnavailable),
    ],
)
def test_a_check_without_an_answer(
    wechat: FakeWeChat, answer: dict[str, Any], error: type[Exception]
) -> None:
    wechat.answers |= {TEXT: answer, MEDIA: answer}

    with pytest.raises(error):
        gateway(wechat).is_decent("x", openid="o-1")
    with pytest.raises(error):
        gateway(wechat).check_picture("https://shop.example/a.jpg", openid="o-1")


def send_message(wechat: FakeWeChat, *, page: str = "pages/notice?id=1") -> str:
    return gateway(wechat).send_message(
        openid="o-1", template="T-1", fields={"amount1": "¥10.99"}, page=page
    )


def test_a_message_has_its_fields_and_page(wechat: FakeWeChat) -> None:
    wechat.answers[SEND] = {"errcode": 0, "errmsg": "ok", "msgid": 12}

    assert send_message(wechat) == "12"
    assert wechat.requests[-1] == (
        SEND,
        {"access_token": "T"},
        {"touser": "o-1", "template_id": "T-1", "data": {"amount1": {"value": "¥10.99"}},
         "page": "pages/notice?id=1"},
    )  # fmt: skip
    wechat.answers[SEND] = {"errcode": 0, "errmsg": "ok"}
    assert send_message(wechat, page="") == ""
    assert "page" not in wechat.requests[-1][2]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"errcode": 43101}, MessageRefused),
        *[({"errcode": code}, MessageInvalid) for code in (40003, 40037, 41030, 43108, 47003)],
        *[({"errcode": code}, MessageNotSent) for code in (45009, 45011, 40001, 42001)],
        ({"errcode": -1}, WeChatUnavailable),
        ({}, WeChatUnavailable),
        (b"<html>", WeChatUnavailable),
        (b"[]", WeChatUnavailable),
    ],
)
def test_how_a_message_ends(wechat: FakeWeChat, answer: Any, error: type[Exception]) -> None:
    wechat.answers[SEND] = answer

    with pytest.raises(error) as raised:
        send_message(wechat)

    assert raised.value.__context__ is None


def test_without_token_or_connection_a_message_was_not_sent(wechat: FakeWeChat) -> None:
    ask = gateway(wechat, Store({"wechat:wx-mini_access_token": '"T"'}))
    ask._mini.API_BASE_URL = "http://127.0.0.1:9/cgi-bin/"
    with pytest.raises(MessageNotSent):
        ask.send_message(openid="o", template="t", fields={}, page="")

    wechat.answers["/cgi-bin/stable_token"] = {"errcode": -1}
    with pytest.raises(MessageNotSent):
        send_message(wechat)
    assert SEND not in wechat.paths()


def test_a_message_without_an_answer_may_have_been_sent(
    wechat: FakeWeChat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", (0.2, 0.2))
    wechat.delay = 0.6
    ask = gateway(wechat, Store({"wechat:wx-mini_access_token": '"T"'}))

    with pytest.raises(WeChatUnavailable):
        ask.send_message(openid="o", template="t", fields={}, page="")
