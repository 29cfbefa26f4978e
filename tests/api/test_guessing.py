"""Wrong tokens and signatures are limited by address, and expensive calls by caller."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from api.errors import TooManyRequests
from api.throttling import CallerThrottle, ExpensiveCalls, store
from common import clock
from integration.clients import create_client
from members.api.wechat import AsksWeChat
from members.models import Member
from members.sessions.services import end_sessions, open_session
from members.sessions.views import MemberEndpoint
from tests.api.mall import Mall
from tests.api.phone import Phone, outcome
from tests.cast import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def address(settings: Any) -> Iterator[str]:
    """An address of this test alone; three wrong credentials are too many."""
    settings.API_GUESSES_A_MINUTE = 3
    yield f"2001:db8:{secrets.randbelow(2**16):x}:{secrets.randbelow(2**16):x}::1"
    for key in store().scan_iter("throttle:guesses:2001:db8:*"):
        store().delete(key)


def call(address: str, path: str = "/me", **headers: str) -> Any:
    return Client(REMOTE_ADDR=address).get(f"/api/v1{path}", headers=headers)


def guess(address: str) -> Any:
    return call(address, Authorization=f"Bearer {secrets.token_hex(8)}")


def bearer(who: Member) -> dict[str, str]:
    _session, tokens = open_session(member=who, at=clock.now())
    return {"Authorization": f"Bearer {tokens.access}"}


def test_after_some_wrong_tokens_nothing_is_looked_at(address: str, lan: Member) -> None:
    assert call(address, **bearer(lan)).status_code == 200
    for left in ("2", "1", "0"):
        response = guess(address)
        assert outcome(response) == (401, "token_invalid")
        assert (response["RateLimit-Limit"], response["RateLimit-Remaining"]) == ("3", left)

    response = guess(address)

    assert outcome(response) == (429, "too_many_requests")
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["RateLimit-Remaining"] == "0"
    assert outcome(call(address, **bearer(lan))) == (429, "too_many_requests")


def test_a_neighbour_in_the_network_counts_and_another_address_does_not(
    address: str, lan: Member
) -> None:
    for number in range(3):
        guess(address.replace("::1", f"::{number + 7}"))

    assert outcome(guess(address)) == (429, "too_many_requests")
    assert call("192.0.2.7", **bearer(lan)).status_code == 200


def test_customers_behind_a_socket_of_both_versions_are_told_apart(
    settings: Any, lan: Member
) -> None:
    settings.API_GUESSES_A_MINUTE = 3
    address = f"::ffff:198.51.100.{secrets.randbelow(256)}"
    for _ in range(4):
        refused = guess(address)

    assert outcome(refused) == (429, "too_many_requests")
    assert outcome(guess(address.removeprefix("::ffff:"))) == (429, "too_many_requests")
    assert call("::ffff:203.0.113.7", **bearer(lan)).status_code == 200
    for key in store().scan_iter("throttle:guesses:198.51.100.*"):
        store().delete(key)


def test_behind_a_proxy_only_its_own_word_about_an_address_counts(
    settings: Any, address: str
) -> None:
    settings.API_REQUESTS_A_MINUTE = 3
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    told = [f"10.0.0.{number}, 192.0.2.{number}, {address}" for number in range(4)]
    answers = [call("127.0.0.1", "/config", **{"X-Forwarded-For": chain}) for chain in told]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_sign_ins_that_ask_wechat_are_limited_by_address(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AsksWeChat, "calls_a_minute", 2)

    def sign_in(path: str, at: str = address) -> Any:
        body = {"code": "used", "state": "x"} if path.endswith("oauth") else {"code": "used"}
        return Client(REMOTE_ADDR=at).post(f"/api/v1/auth/wechat/{path}", body, "application/json")

    assert outcome(sign_in("login")) == (400, "wechat_code_invalid")
    assert outcome(sign_in("oauth")) == (400, "wechat_state_invalid")
    assert outcome(sign_in("login")) == (429, "too_many_requests")
    assert outcome(sign_in("oauth")) == (429, "too_many_requests")
    assert outcome(sign_in("login", f"192.0.2.{secrets.randbelow(256)}"))[0] == 400
    assert call(address, "/config").status_code == 200


def test_without_a_login_a_network_has_one_limit(settings: Any, address: str) -> None:
    settings.API_REQUESTS_A_MINUTE = 3
    answers = [call(address.replace("::1", f"::{number}"), "/config") for number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]


def test_what_needs_no_login_stays_open(address: str) -> None:
    for _ in range(4):
        guess(address)

    assert call(address, "/config").status_code == 200
    assert outcome(call(address)) == (401, "not_signed_in")


def test_wrong_signatures_count(address: str) -> None:
    client, _secret = create_client(name="mall", scopes=None, at=NOON)
    wrong = Mall(client.key, "wrong")
    path = "/integration/commissions"
    codes = [
        outcome(call(address, path, **wrong.headers("GET", f"/api/v1{path}", b"")))
        for _ in range(4)
    ]

    assert codes == [(401, "bad_signature")] * 3 + [(429, "too_many_requests")]


def test_tokens_that_were_ours_do_not_count(address: str, lan: Member) -> None:
    headers = bearer(lan)
    end_sessions(lan.sessions.all(), reason="revoked", at=clock.now())

    for _ in range(5):
        assert outcome(call(address, **headers)) == (401, "session_revoked")
        assert outcome(call(address)) == (401, "not_signed_in")


class Expensive(MemberEndpoint):
    """A call that asks somebody else."""

    scope = "me:read"
    throttle_classes = [CallerThrottle, ExpensiveCalls]
    throttle_scope = "test"
    calls_a_minute = 2

    def get(self, request: Request) -> Response:
        return Response({})

    post = get


class AlsoExpensive(Expensive):
    """Another one with the same limit."""


def test_expensive_calls_have_a_limit_of_their_own(lan: Member, chen: Member) -> None:
    def send(view: Any, who: Member, method: str = "post") -> Any:
        return view.as_view()(getattr(APIRequestFactory(), method)("/", headers=bearer(who)))

    assert send(Expensive, lan).status_code == 200
    assert send(AlsoExpensive, lan).status_code == 200
    refused = send(Expensive, lan)

    assert refused.status_code == TooManyRequests.status
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert send(Expensive, lan, "get").status_code == 200
    assert send(Expensive, chen).status_code == 200
    assert Phone(lan).get("/me").status_code == 200
