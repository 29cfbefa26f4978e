"""A member exports their data and closes the account, unless something stands against it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from members import closing, exports
from members.closing import CloseBlocker
from members.models import Identity, Member, MemberSession, User
from tests.cast import link
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(db: None) -> ApiClient:
    """Lan, who came with WeChat and gave a phone number."""
    client = ApiClient()
    body = {"code": "lan", "phone_code": "13800138000", "share": "s-1"}
    client.access = client.post("/auth/wechat/login", body).json()["access"]
    client.put("/me", {"nickname": "Lan", "city": "杭州"})
    return client


@pytest.fixture
def order_in_the_way() -> Iterator[None]:
    """A higher room says that Lan has an open order."""

    def find(member: Member) -> Iterator[CloseBlocker]:
        yield CloseBlocker("open_orders", "There are open orders.")

    closing.register(find)
    yield
    closing._FINDERS.remove(find)


def test_the_export_has_all_parts_in_clear(signed_in: ApiClient) -> None:
    data = signed_in.get("/me/data").json()

    (profile,) = data["profiles"]
    assert (profile["nickname"], profile["city"], profile["phone"]) == (
        "Lan", "杭州", "13800138000",
    )  # fmt: skip
    assert {row["provider"] for row in data["identities"]} == {"wechat_mini", "wechat_union"}
    assert [row["share"] for row in data["sessions"]] == ["s-1"]
    assert data["agreements"] == []


def test_a_higher_room_adds_its_part(signed_in: ApiClient) -> None:
    def read(member: Member) -> list[str]:
        return [member.nickname]

    exports.register("pets", read)
    try:
        assert signed_in.get("/me/data").json()["pets"] == ["Lan"]
        with pytest.raises(ValueError, match="pets"):
            exports.register("pets", str)
    finally:
        del exports._READERS["pets"]


def test_the_export_has_nothing_of_others(signed_in: ApiClient, chen: Member) -> None:
    answer = ApiClient(chen).get("/me/data")

    assert "13800138000" not in answer.content.decode()
    assert [row["id"] for row in answer.json()["profiles"]] == [chen.public_id]


def test_closing_deletes_the_profile_and_ends_the_sessions(signed_in: ApiClient) -> None:
    assert signed_in.post("/me/close").status_code == 204

    member = Member.objects.get()
    assert (member.nickname, member.city, member.phone_encrypted) == ("", "", "")
    assert member.closed_at
    assert not Identity.objects.exists()
    assert MemberSession.objects.get().end_reason == "closed"
    assert problem_code(signed_in.get("/me")) == (401, "session_revoked")
    assert problem_code(signed_in.post("/me/close")) == (401, "session_revoked")


def test_who_comes_back_is_a_new_member(signed_in: ApiClient) -> None:
    signed_in.post("/me/close")

    answer = ApiClient().post("/auth/wechat/login", {"code": "lan"}).json()

    assert answer["is_new"] is True
    assert answer["member"]["nickname"] == ""


def test_what_stands_against_it_is_listed(signed_in: ApiClient, order_in_the_way: None) -> None:
    response = signed_in.post("/me/close")

    assert problem_code(response) == (409, "close_blocked")
    assert response.json()["data"] == {
        "blockers": [{"code": "open_orders", "message": "There are open orders."}]
    }
    assert Member.objects.get().nickname == "Lan"
    assert signed_in.get("/me").status_code == 200


def test_a_member_of_the_staff_stays(signed_in: ApiClient, qian: User) -> None:
    link(qian, Member.objects.get())

    response = signed_in.post("/me/close")

    assert [row["code"] for row in response.json()["data"]["blockers"]] == ["staff_account"]


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("get", "/me/data", "me:write"), ("post", "/me/close", "me:write")],
)
def test_each_call_needs_its_scope(lan: Member, method: str, path: str, scope: str) -> None:
    response = getattr(ApiClient(lan, scopes=["share"]), method)(path)

    assert problem_code(response) == (403, "scope_missing")
    assert response.json()["data"] == {"scope": scope}
    assert problem_code(getattr(ApiClient(), method)(path)) == (401, "not_signed_in")
