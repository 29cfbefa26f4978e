"""A member sees and ends their own sessions."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from members.models import Member, MemberSession
from members.sessions.services import LIFETIME, open_session
from tests.integration.test_merges import merge
from tests.members.api.client import ApiClient, problem_code

pytestmark = pytest.mark.django_db


def test_the_list_has_the_open_sessions_with_the_present_one_marked(lan: Member) -> None:
    phone = ApiClient(lan, device="iPhone", app_id="wx1")
    ApiClient(lan, device="old").post("/auth/logout", {"refresh": "x"})
    ended = MemberSession.objects.get(device="old")
    phone.post(f"/me/sessions/{ended.public_id}/revoke")
    open_session(member=lan, at=clock.now() - LIFETIME, device="expired")
    laptop = ApiClient(lan, device="laptop")

    rows = laptop.get("/me/sessions").json()["results"]

    assert [(row["device"], row["is_current"]) for row in rows] == [
        ("laptop", True), ("iPhone", False),
    ]  # fmt: skip
    assert set(rows[0]) == {
        "id", "device", "app_id", "started_at", "last_used_at", "is_current",
    }  # fmt: skip
    assert rows[0]["started_at"].endswith("+08:00")


def test_a_revoked_device_is_signed_out_and_the_other_stays(lan: Member) -> None:
    lost, phone = ApiClient(lan), ApiClient(lan)
    session = MemberSession.objects.earliest("pk").public_id

    answers = [phone.post(f"/me/sessions/{session}/revoke").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert problem_code(lost.get("/me/sessions")) == (401, "session_revoked")
    assert phone.get("/me/sessions").status_code == 200
    assert MemberSession.objects.earliest("pk").end_reason == "revoked"


def test_the_session_of_a_stranger_is_not_found(lan: Member, chen: Member) -> None:
    ApiClient(lan)
    session = MemberSession.objects.get().public_id

    response = ApiClient(chen).post(f"/me/sessions/{session}/revoke")

    assert problem_code(response) == (404, "not_found")
    assert MemberSession.objects.get(public_id=session).ended_at is None
    assert [row["id"] for row in ApiClient(chen).get("/me/sessions").json()["results"]] != [session]


def test_a_survivor_sees_the_sessions_of_the_merged_member(lan: Member, mei: Member) -> None:
    phone = ApiClient(lan, device="of Lan")
    merge(lan, mei)

    rows = phone.get("/me/sessions").json()["results"]

    assert [row["device"] for row in rows] == ["of Lan"]


@pytest.mark.parametrize(("scopes", "refusal"), [([], "me:read"), (["me:read"], "me:write")])
def test_a_missing_scope_is_named(lan: Member, scopes: list[str], refusal: str) -> None:
    client = ApiClient(lan, scopes=scopes)
    session = MemberSession.objects.get().public_id

    responses = [client.get("/me/sessions"), client.post(f"/me/sessions/{session}/revoke")]

    refused = next(each for each in responses if each.status_code == 403)
    assert problem_code(refused) == (403, "scope_missing")
    assert refused.json()["data"] == {"scope": refusal}


def test_an_access_token_ends_with_its_session(lan: Member) -> None:
    client = ApiClient(lan)
    MemberSession.objects.update(
        started_at=clock.now() - 2 * LIFETIME, expires_at=clock.now() - LIFETIME
    )

    assert problem_code(client.get("/me/sessions")) == (401, "session_revoked")


@pytest.mark.parametrize("path", ["/me/sessions", "/me/sessions?page_size=2"])
def test_without_a_token_nothing_is_shown(db: None, path: str) -> None:
    assert problem_code(ApiClient().get(path)) == (401, "not_signed_in")


def test_twenty_sessions_take_as_many_queries_as_one(lan: Member) -> None:
    client = ApiClient(lan)
    with CaptureQueriesContext(connection) as one:
        client.get("/me/sessions")
    for _ in range(20):
        ApiClient(lan)

    with CaptureQueriesContext(connection) as many:
        client.get("/me/sessions")

    assert len(many) == len(one)
