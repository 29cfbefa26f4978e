"""Input that no honest client sends is refused with a stable code, and changes nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from distribution.models import Distributor
from integration.clients import create_client
from members.closing import close_member
from members.models import Member
from tests.api.mall import Mall
from tests.api.phone import Phone, outcome
from tests.cast import NOON, member
from tests.shop import DAY, distributor, ingest, line, open_shop, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def test_an_anonymous_body_is_limited_before_it_is_read(db: None) -> None:
    body = json.dumps({f"a{number}": 0 for number in range(300_000)})

    response = Client().post("/api/v1/auth/wechat/login", body, "application/json")

    assert outcome(response) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("me?a=%00", {}, (400, "bad_request")),
        ("uploads/%00", {}, (400, "bad_request")),
        ("me", {"CONTENT_LENGTH": "1.5"}, (400, "bad_request")),
        ("me", {"CONTENT_LENGTH": "0" * 30 + "9" * 30}, (413, "body_too_large")),
    ],
)
def test_what_is_refused_before_any_view_is_a_problem_too(
    path: str, options: dict[str, Any], expected: tuple[int, str]
) -> None:
    response = Client().get(f"/api/v1/{path}", headers={"Accept-Language": "en"}, **options)

    assert outcome(response) == expected
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-ID"]
    assert response.json()["detail"].isascii()


def test_a_hundred_unknown_fields_are_reported(db: None) -> None:
    response = Phone().post("/auth/wechat/login", {f"a{number}": 0 for number in range(1_000)})

    assert response.status_code == 400
    assert len(response.json()["errors"]) == 101  # and the missing code


@pytest.mark.parametrize("levels", [40, 300, 500])
def test_deep_nesting_is_no_json_of_ours(mall: Mall, levels: int) -> None:
    refused = mall.put("/members/lan", {"metadata": {"a": deep(levels)}})

    assert outcome(refused) == (400, "malformed_json")
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "joined_at", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-23:00", "1989-12-31T00:00:00Z"]
)
def test_a_time_that_python_could_not_read_again_is_refused(mall: Mall, joined_at: str) -> None:
    mall.put("/members/lan", {"nickname": "Lan"})

    refused = mall.put("/members/lan", {"joined_at": joined_at, "distributor": True})

    assert outcome(refused) == (400, "invalid_input")
    assert not Distributor.objects.exists()


def test_an_offset_that_the_database_does_not_take_is_converted(mall: Mall) -> None:
    answer = mall.get("/commissions", "accrued_after=2026-11-01T12%3A00%3A00%2B22%3A39")

    assert answer.status_code == 200, answer.content


@pytest.mark.parametrize("timestamp", ["9" * 400, "9" * 5_000, "-1", "1e9", ""])
def test_an_impossible_timestamp_is_a_skewed_clock(mall: Mall, timestamp: str) -> None:
    headers = {"X-Twotier-Timestamp": timestamp}

    assert outcome(mall.get("/distributors", **headers)) == (401, "clock_skew")


def test_a_question_mark_in_a_signed_path_is_refused(mall: Mall) -> None:
    assert outcome(mall.put("/members/lan%3Fx", {})) == (400, "bad_request")
    assert not Member.objects.exists()


def test_a_closed_account_is_not_filled_again(mall: Mall) -> None:
    mall.put("/members/lan", {"nickname": "Lan"})
    lan = Member.objects.get()
    close_member(member=lan, at=NOON + DAY)

    refused = mall.put("/members/lan", {"nickname": "Lan", "distributor": True})

    assert outcome(refused) == (403, "account_closed")
    assert Member.objects.get().nickname == ""
    assert not Distributor.objects.exists()


@pytest.mark.parametrize("commission", ["-1-1", "--1-1", "O-1-1-9", "O-1-1", "1"])
def test_a_made_up_commission_is_not_found(db: None, commission: str) -> None:
    bo = open_shop()
    ingest(order(bo, number="O-1"), order(bo, line(), number="O-2"))
    phone = Phone(Member.objects.get(nickname="Lan"))

    assert outcome(phone.get(f"/distributor/commissions/{commission}")) == (404, "not_found")
    claim = {"commission": commission, "reason": "amount", "text": "?"}
    assert phone.post("/distributor/claims", claim).status_code in (400, 404)


def test_a_leaderboard_of_the_future_is_refused(db: None) -> None:
    lan = member("Lan")
    distributor(lan)

    refused = Phone(lan).get("/distributor/leaderboard", day="9999-12-31")

    assert outcome(refused) == (400, "invalid_input")


def test_open_claims_are_limited(db: None) -> None:
    lan = member("Lan")
    distributor(lan)
    phone = Phone(lan)
    claims = [{"order_no": f"X-{n}", "reason": "missing", "text": "?"} for n in range(21)]

    answers = [phone.post("/distributor/claims", claim) for claim in claims]

    assert {answer.status_code for answer in answers[:20]} <= {200, 201}
    assert outcome(answers[20]) == (409, "too_many_claims")


def test_an_address_cannot_be_chosen_by_a_header(db: None, settings: Any) -> None:
    settings.API_REQUESTS_A_MINUTE = 3

    answers = [
        Client().get("/api/v1/config", headers={"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(4)
    ]

    assert [answer.status_code for answer in answers][-1] == 429
