"""Refresh and sign out, by body and by cookie."""

from __future__ import annotations

from typing import Any

import pytest

from members.models import Member, MemberSession
from tests.members.api.client import OWN_PAGE, ApiClient, problem_code

pytestmark = pytest.mark.django_db


def browser(member: Member) -> ApiClient:
    """Return a browser with the refresh token in its cookie."""
    client = ApiClient(member)
    client.cookies["twotier_refresh"] = client.refresh
    return client


def open_sessions() -> int:
    return MemberSession.objects.filter(ended_at=None).count()


def test_a_refresh_by_body_answers_both_tokens(lan: Member) -> None:
    client = ApiClient(lan)

    answer = client.post("/auth/refresh", {"refresh": client.refresh}).json()

    assert answer["expires_in"] == 900
    assert answer["refresh"] != client.refresh
    client.access = answer["access"]
    assert client.get("/me/sessions").status_code == 200
    assert "twotier_refresh" not in client.cookies


def test_a_refresh_by_cookie_answers_the_token_in_the_cookie_only(lan: Member) -> None:
    client = browser(lan)

    response = client.post("/auth/refresh", {"cookie": True}, OWN_PAGE)

    assert set(response.json()) == {"access", "expires_in"}
    cookie = response.cookies["twotier_refresh"]
    assert cookie.value != client.refresh
    assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == (
        "/api/v1/auth", "Strict", True,
    )  # fmt: skip
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://testserver"},
    ],
)
@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
def test_the_cookie_serves_no_other_site(lan: Member, headers: dict[str, str], path: str) -> None:
    client = browser(lan)

    response = client.post(path, {"cookie": True}, headers)

    assert problem_code(response) == (403, "cross_origin")
    session = MemberSession.objects.get()
    assert (session.generation, session.successor_at, session.ended_at) == (0, None, None)


def test_an_older_browser_proves_its_page_by_its_origin(lan: Member) -> None:
    response = browser(lan).post("/auth/refresh", {"cookie": True}, {"Origin": "http://testserver"})

    assert response.status_code == 200


def test_the_cookie_is_not_used_unless_chosen(lan: Member) -> None:
    response = browser(lan).post("/auth/refresh", {}, OWN_PAGE)

    assert problem_code(response) == (400, "invalid_input")


def test_without_the_cookie_nobody_is_signed_in(db: None) -> None:
    response = ApiClient().post("/auth/refresh", {"cookie": True}, OWN_PAGE)

    assert problem_code(response) == (401, "not_signed_in")


@pytest.mark.parametrize(
    "body",
    [
        {"refresh": "x", "cookie": True},
        {"refresh": ""},
        {"refresh": 7},
        {"refresh": "x" * 201},
        {"refresh": "a\0b"},
        {"refresh": "x", "other": 1},
        {"cookie": "perhaps"},
        [],
        "text",
        None,
    ],
)
def test_a_malformed_body_is_refused(db: None, body: Any) -> None:
    response = ApiClient().post("/auth/refresh", body)

    assert response.status_code == 400
    assert response.json()["code"] in ("invalid_input", "malformed_json")


@pytest.mark.parametrize("token", ["x", "é.0.ab", "a.0.b", "😀"])
def test_a_token_of_nobody_is_refused(db: None, token: str) -> None:
    response = ApiClient().post("/auth/refresh", {"refresh": token})

    assert problem_code(response) == (401, "token_invalid")


def test_a_stolen_token_ends_the_family(lan: Member) -> None:
    client = ApiClient(lan)
    stolen, token = client.refresh, client.refresh
    for _ in range(3):
        token = client.post("/auth/refresh", {"refresh": token}).json()["refresh"]

    theft = client.post("/auth/refresh", {"refresh": stolen})

    assert problem_code(theft) == (401, "session_revoked")
    owner = client.post("/auth/refresh", {"refresh": token})
    assert problem_code(owner) == (401, "session_revoked")
    assert problem_code(client.get("/me/sessions")) == (401, "session_revoked")
    assert MemberSession.objects.get().end_reason == "reused"


def test_signing_out_ends_the_session_and_may_be_repeated(lan: Member) -> None:
    client, other = ApiClient(lan), ApiClient(lan)

    answers = [client.post("/auth/logout", {"refresh": client.refresh}) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert problem_code(client.get("/me/sessions")) == (401, "session_revoked")
    assert other.get("/me/sessions").status_code == 200


def test_signing_out_by_cookie_deletes_the_cookie(lan: Member) -> None:
    client = browser(lan)

    response = client.post("/auth/logout", {"cookie": True}, OWN_PAGE)

    assert response.cookies["twotier_refresh"].value == ""
    assert response.cookies["twotier_refresh"]["path"] == "/api/v1/auth"
    assert open_sessions() == 0


@pytest.mark.parametrize("method", ["get", "put"])
def test_other_methods_are_refused(db: None, method: str) -> None:
    response = getattr(ApiClient(), method)("/auth/refresh")

    assert problem_code(response) == (405, "method_not_allowed")
    assert response["Allow"] == "POST"
