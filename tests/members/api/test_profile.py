"""A member reads and changes their own profile."""

from __future__ import annotations

from typing import Any

import pytest

from common import encryption
from events.models import Event
from members.models import Member
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db


def test_the_profile_is_the_members_own(lan: Member) -> None:
    answer = ApiClient(lan).get("/me").json()

    assert answer == {
        "id": lan.public_id, "nickname": "Lan", "province": "", "city": "", "phone": "",
        "avatar": "", "avatar_status": "",
        "joined_at": "2026-11-01T12:00:00+08:00", "accepted_agreements": {},
    }  # fmt: skip


def test_given_fields_change_and_absent_ones_stay(lan: Member) -> None:
    client = ApiClient(lan)

    client.put("/me", {"nickname": "小兰 🌸", "province": "浙江"})
    answer = client.put("/me", {"city": "杭州"}).json()

    assert (answer["nickname"], answer["province"], answer["city"]) == ("小兰 🌸", "浙江", "杭州")
    assert client.get("/me").json() == answer
    events = Event.objects.filter(name="members.profile_changed").order_by("pk")
    assert [event.data for event in events] == [
        {"fields": ["nickname", "province"]}, {"fields": ["city"]},
    ]  # fmt: skip


def test_the_same_change_again_changes_nothing(lan: Member) -> None:
    client = ApiClient(lan)

    for _ in range(2):
        assert client.put("/me", {"city": "杭州"}).status_code == 200

    assert Event.objects.filter(name="members.profile_changed").count() == 1


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"nickname": "x" * 81}, "nickname", "max_length"),
        ({"nickname": 7}, "nickname", "invalid"),
        ({"nickname": None}, "nickname", "null"),
        ({"city": "a\0b"}, "city", "unwritable"),
        ({"phone": "13800138000"}, "phone", "unknown_field"),
        ({"grade": 1}, "grade", "unknown_field"),
    ],
)
def test_a_malformed_profile_changes_nothing(
    lan: Member, body: dict[str, Any], field: str, code: str
) -> None:
    response = ApiClient(lan).put("/me", body)

    assert problem_code(response) == (400, "invalid_input")
    assert [(row["field"], row["code"]) for row in response.json()["errors"]] == [(field, code)]
    assert Member.objects.get(pk=lan.pk).nickname == "Lan"


def test_a_phone_number_is_stored_encrypted_and_shown_masked(lan: Member, chen: Member) -> None:
    client = ApiClient(lan)

    answer = client.post("/me/phone", {"code": "13800138000"})

    assert answer.json()["phone"] == "****8000"
    row = Member.objects.get(pk=lan.pk)
    assert encryption.decrypt(row.phone_encrypted) == "13800138000"
    assert row.phone_fingerprint == encryption.fingerprint("13800138000")
    assert ApiClient(chen).get("/me").json()["phone"] == ""


def test_an_invalid_phone_code_changes_nothing(lan: Member) -> None:
    client = ApiClient(lan)
    client.post("/me/phone", {"code": "13800138000"})

    assert problem_code(client.post("/me/phone", {"code": "used"})) == (400, "wechat_code_invalid")
    assert problem_code(client.post("/me/phone", {"code": "down"})) == (503, "wechat_unavailable")
    assert client.get("/me").json()["phone"] == "****8000"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("get", "/me", "me:read"), ("put", "/me", "me:write"), ("post", "/me/phone", "me:write")],
)
def test_each_call_needs_its_scope(lan: Member, method: str, path: str, scope: str) -> None:
    response = getattr(ApiClient(lan, scopes=["share"]), method)(path)

    assert problem_code(response) == (403, "scope_missing")
    assert response.json()["data"] == {"scope": scope}
    assert problem_code(getattr(ApiClient(), method)(path)) == (401, "not_signed_in")
