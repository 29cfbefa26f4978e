"""The mall shows a member's pages: a token of 60 seconds, once, for a session that only reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from common import clock
from integration.clients import create_client
from members.closing import close_member
from members.models import Member, MemberSession
from members.sessions.embedding import (
    LIFETIME,
    LINK_LIFETIME,
    EmbedScopeRefused,
    offer_session,
)
from members.sessions.services import SessionRevoked, end_sessions, refresh
from tests.api.mall import Mall
from tests.api.phone import Phone, outcome
from tests.cast import NOON

pytestmark = pytest.mark.django_db

BACK = "https://mall.example/account"


@pytest.fixture(autouse=True)
def hosts() -> Iterator[None]:
    with override_settings(EMBED_RETURN_HOSTS=["mall.example"]):
        yield


@pytest.fixture
def mall(lan: Member) -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def offer(mall: Mall, **fields: Any) -> Any:
    body = {"scopes": ["me:read", "share"], "return_to": BACK, **fields}
    return mall.post("/members/lan/sessions", body)


def token(mall: Mall) -> str:
    response = offer(mall)
    assert (response.status_code, response.json()["expires_in"]) == (201, 60), response.content
    return str(response.json()["token"])


def redeem(text: str) -> Any:
    return Phone().post("/auth/embed", {"token": text})


def age(by: timedelta) -> None:
    """Let the session's link be older."""
    row = MemberSession.objects.get()
    row.started_at, row.expires_at = row.started_at - by, row.expires_at - by
    row.save()


def test_a_session_shows_and_shares_only(mall: Mall, lan: Member) -> None:
    opened = redeem(token(mall)).json()

    assert (opened["scopes"], opened["return_to"]) == (["me:read", "share"], BACK)
    phone = Phone()
    phone._headers["Authorization"] = f"Bearer {opened['access']}"
    assert phone.get("/me").json()["id"] == lan.public_id
    assert [row["device"] for row in phone.get("/me/sessions").json()["results"]] == ["api:mall"]
    for path in ("/withdrawals", "/me/link-token", "/me/close"):
        assert outcome(phone.post(path, {}, key="k")) == (403, "scope_missing")
    # The export has phone and WeChat's ids in full.
    assert outcome(phone.get("/me/data")) == (403, "scope_missing")


def test_it_is_not_prolonged(mall: Mall) -> None:
    opened = redeem(token(mall)).json()
    at = clock.now()
    _session, tokens = refresh(token=opened["refresh"], at=at + LIFETIME / 2)

    with pytest.raises(SessionRevoked):
        refresh(token=tokens.refresh, at=at + LIFETIME)


def test_a_second_use_ends_the_session(mall: Mall) -> None:
    text = token(mall)
    opened = redeem(text).json()

    assert outcome(redeem(text)) == (409, "embed_token_used")
    assert MemberSession.objects.get().end_reason == "reused"
    again = Phone().post("/auth/refresh", {"refresh": opened["refresh"]})
    assert outcome(again) == (401, "session_revoked")


def test_a_late_token_opens_nothing(mall: Mall) -> None:
    text = token(mall)
    age(LINK_LIFETIME)

    assert outcome(redeem(text)) == (409, "embed_token_expired")
    assert MemberSession.objects.get().redeemed_at is None


def test_foreign_tokens_open_nothing(mall: Mall, lan: Member) -> None:
    text = token(mall)
    phone = Phone(lan)
    other = MemberSession.objects.get(kind="signed_in").public_id
    forged = text.replace(text.partition(".")[0], other)

    for wrong in ("nothing", "ü", text[:-1], forged, phone._headers["Authorization"][7:207]):
        assert outcome(redeem(wrong)) == (400, "embed_token_invalid")
    assert redeem(text).status_code == 200


@pytest.mark.parametrize("scopes", [[], ["withdraw"], ["me:write"], ["me:read", "withdraw"], "me"])
def test_other_scopes_are_refused(mall: Mall, scopes: Any) -> None:
    assert outcome(offer(mall, scopes=scopes)) == (400, "invalid_input")
    assert not MemberSession.objects.exists()


def test_no_code_of_ours_opens_more(lan: Member) -> None:
    with pytest.raises(EmbedScopeRefused):
        offer_session(
            member=lan, scopes=["withdraw"], return_to=BACK, source="x", at=NOON, by=lan
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="embedded_reads"), transaction.atomic():
        MemberSession.objects.create(
            member=lan, kind="embedded", scopes=["withdraw"], return_to=BACK,
            started_at=NOON, last_used_at=NOON, expires_at=NOON + LIFETIME,
        )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/",
        "http://mall.example/",
        "https://mall.example:8443/",
        "https://mall.example@other.example/",
        "https:///mall.example",
        "https://mall.example\\@other.example/",
        "/account",
        "javascript:alert(1)",
    ],
)
def test_it_returns_to_listed_hosts_only(mall: Mall, address: str) -> None:
    assert outcome(offer(mall, return_to=address)) == (400, "return_not_allowed")
    with override_settings(EMBED_RETURN_HOSTS=[]):
        assert outcome(offer(mall)) == (400, "return_not_allowed")
    assert not MemberSession.objects.exists()


def test_a_closed_member_gets_no_session(mall: Mall, lan: Member) -> None:
    text = token(mall)
    close_member(member=lan, at=clock.now())

    assert outcome(redeem(text)) == (403, "account_closed")
    assert outcome(offer(mall)) == (403, "account_closed")
    assert not MemberSession.objects.filter(ended_at=None).exists()


def test_it_ends_with_the_others(mall: Mall, lan: Member) -> None:
    text = token(mall)
    end_sessions(MemberSession.objects.of_person(lan), reason="revoked", at=clock.now())

    assert outcome(redeem(text)) == (401, "session_revoked")


def test_an_unknown_member_is_not_found(mall: Mall) -> None:
    response = mall.post("/members/nobody/sessions", {"scopes": ["me:read"], "return_to": BACK})

    assert outcome(response) == (404, "not_found")
