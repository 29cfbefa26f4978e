"""Sign in with WeChat, as the sandbox of WeChat answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from events.models import Event
from members.accounts import lock_member
from members.models import Identity, Member, MemberSession, User
from members.services import join_person
from tests.cast import NOON, give
from tests.members.api.client import OWN_PAGE, ApiClient, problem_code
from wechat.gateway import gateway

pytestmark = pytest.mark.django_db
Provider = Identity.Provider


def login(code: str = "lan", **body: Any) -> Any:
    return ApiClient().post("/auth/wechat/login", {"code": code, **body})


def begin(client: ApiClient, return_to: str = "/h5/team?tier=1") -> str:
    """Go to WeChat and return with a state."""
    response = client.get("/auth/wechat/authorize", return_to=return_to)
    assert response.status_code == 200, response.content
    return response.json()["state"]


def providers(member: Member) -> set[str]:
    return set(member.identities.values_list("provider", flat=True))


def test_the_first_login_creates_the_member_and_the_second_finds_them(db: None) -> None:
    first, second = login().json(), login().json()

    assert (first["is_new"], second["is_new"]) == (True, False)
    assert first["member"] == second["member"]
    assert providers(Member.objects.get()) == {"wechat_mini", "wechat_union"}
    client = ApiClient()
    client.access = second["access"]
    assert client.get("/me").json()["id"] == second["member"]["id"]


def test_how_the_member_came_is_stored_with_the_session(db: None) -> None:
    login(share="s-1", anonymous_id="a-1", device="Pixel", app_id="sandbox-mini")

    session = MemberSession.objects.get()
    assert (session.share, session.anonymous_id, session.device, session.app_id) == (
        "s-1", "a-1", "Pixel", "sandbox-mini",
    )  # fmt: skip


def test_a_phone_code_saves_the_number_encrypted(db: None) -> None:
    answer = login(phone_code="13800138000")

    assert answer.json()["member"]["phone"] == "****8000"
    member = Member.objects.get()
    assert "13800138000" not in member.phone_encrypted + member.phone_fingerprint
    assert b"13800138000" not in answer.content


def test_mini_program_and_official_account_are_one_person_by_unionid(db: None) -> None:
    member = login().json()["member"]
    page = ApiClient()

    answer = page.post("/auth/wechat/oauth", {"code": "lan", "state": begin(page)})

    assert answer.json()["member"] == member
    assert answer.json()["is_new"] is False
    assert providers(Member.objects.get()) == {"wechat_mini", "wechat_union", "wechat_official"}


def test_without_a_unionid_they_are_two_until_it_is_known(db: None) -> None:
    page = ApiClient()
    login("lan-alone")
    page.post("/auth/wechat/oauth", {"code": "lan-alone", "state": begin(page)})

    assert Member.objects.count() == 2
    assert not Identity.objects.filter(provider="wechat_union").exists()


def test_a_person_with_two_members_is_reported(db: None) -> None:
    mini, _ = join_person({Provider.WECHAT_MINI: "open-1"}, at=NOON)
    union, _ = join_person({Provider.WECHAT_UNION: "union-1"}, at=NOON)

    both = {Provider.WECHAT_MINI: "open-1", Provider.WECHAT_UNION: "union-1"}
    member, created = join_person(both, at=NOON)

    assert (member, created) == (mini, False)
    event = Event.objects.get(name="members.duplicate_found")
    assert event.data == {"other": union.public_id}


def test_a_locked_member_cannot_sign_in(qian: User) -> None:
    login()
    lock_member(member=Member.objects.get(), by=give(qian, "lock_member"), reason="x", at=NOON)

    assert problem_code(login()) == (403, "account_locked")
    assert MemberSession.objects.filter(ended_at=None).count() == 0


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"code": "used"}, (400, "wechat_code_invalid")),
        ({"code": "No such code!"}, (400, "wechat_code_invalid")),
        ({"code": "lan", "phone_code": "used"}, (400, "wechat_code_invalid")),
        ({"code": "blocked"}, (403, "wechat_user_blocked")),
        ({"code": "down"}, (503, "wechat_unavailable")),
        ({"code": "lan", "phone_code": "down"}, (503, "wechat_unavailable")),
        ({"code": "lan", "app_id": "wx-other"}, (400, "unknown_app")),
        ({"code": ""}, (400, "invalid_input")),
        ({"code": 1}, (400, "invalid_input")),
        ({}, (400, "invalid_input")),
        ({"code": "lan", "openid": "x"}, (400, "invalid_input")),
        ({"code": "lan", "share": "x" * 65}, (400, "invalid_input")),
    ],
)
def test_a_refused_login_creates_nobody(
    db: None, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    response = ApiClient().post("/auth/wechat/login", body)

    assert problem_code(response) == refusal
    assert ("Retry-After" in response) == (refusal[0] == 503)
    assert not Member.objects.exists()
    assert not MemberSession.objects.exists()


@override_settings(WECHAT_GATEWAY="off")
def test_a_shop_without_wechat_says_so(lan: Member) -> None:
    client = ApiClient(lan)
    responses = [
        client.post("/auth/wechat/login", {"code": "lan"}),
        client.get("/auth/wechat/authorize", return_to="/"),
        client.post("/me/phone", {"code": "13800138000"}),
        client.get("/wechat/js-config", url="http://testserver/"),
    ]

    assert {problem_code(response) for response in responses} == {(404, "feature_off")}


def test_the_address_of_wechat_returns_to_our_page_with_the_state(db: None) -> None:
    response = ApiClient().get("/auth/wechat/authorize", return_to="/h5/team?tier=1")

    address = urlsplit(response.json()["url"])
    assert (address.netloc, address.path) == ("testserver", "/h5/team")
    assert parse_qs(address.query) == {
        "tier": ["1"], "code": ["lan"], "state": [response.json()["state"]],
    }  # fmt: skip
    cookie = response.cookies["twotier_wechat_state"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, 600)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http://testserver@evil.example/",
        "http://testserver.evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/auth/wechat/authorize", "/wechat/js-config"])
def test_the_addresses_of_others_are_refused(db: None, path: str, address: str) -> None:
    name = "url" if path.endswith("config") else "return_to"

    response = ApiClient().get(path, **{name: address})

    assert response.status_code == 400
    assert response.json()["code"] in ("address_not_allowed", "invalid_input")
    assert not response.cookies


@override_settings(H5_HOSTS=["h5.example:8443"])
def test_further_hosts_are_listed_in_the_settings(db: None) -> None:
    answer = ApiClient().get("/auth/wechat/authorize", return_to="https://h5.example:8443/a#/b")

    assert answer.json()["url"].startswith("https://h5.example:8443/a#/b")


def test_an_h5_page_signs_in_into_the_cookie(db: None) -> None:
    page = ApiClient()
    state = begin(page)

    response = page.post("/auth/wechat/oauth", {"code": "lan", "state": state, "cookie": True})

    answer = response.json()
    assert set(answer) == {"access", "expires_in", "member", "is_new", "return_to"}
    assert answer["return_to"] == "http://testserver/h5/team?tier=1"
    assert response.cookies["twotier_wechat_state"].value == ""
    assert page.post("/auth/refresh", {"cookie": True}, OWN_PAGE).status_code == 200
    assert MemberSession.objects.get().app_id == "sandbox-official"


@pytest.mark.parametrize("state", ["", "0" * 32, "é"])
def test_another_state_is_refused(db: None, state: str) -> None:
    page = ApiClient()
    begin(page)

    response = page.post("/auth/wechat/oauth", {"code": "lan", "state": state})

    assert response.status_code == 400
    assert response.json()["code"] in ("wechat_state_invalid", "invalid_input")
    assert not Member.objects.exists()


def test_the_state_of_another_browser_is_refused(db: None) -> None:
    state = begin(ApiClient())

    response = ApiClient().post("/auth/wechat/oauth", {"code": "lan", "state": state})

    assert problem_code(response) == (400, "wechat_state_invalid")
    assert not Member.objects.exists()


def test_a_state_is_used_once(db: None) -> None:
    page = ApiClient()
    body = {"code": "lan", "state": begin(page)}
    page.post("/auth/wechat/oauth", body)

    assert problem_code(page.post("/auth/wechat/oauth", body)) == (400, "wechat_state_invalid")


def test_a_page_is_signed_without_its_fragment(db: None) -> None:
    page = "http://testserver/h5/?a=1"

    answer = ApiClient().get("/wechat/js-config", url=f"{page}#/team").json()

    assert answer["app_id"] == "sandbox-official"
    client = ApiClient()
    assert client.get("/wechat/js-config", url="/h5/").status_code == 400
    assert len(answer["signature"]) == 40


def test_the_gateway_is_the_sandbox_in_tests() -> None:
    found = gateway()

    assert found
    assert found.mini_app == "sandbox-mini"
