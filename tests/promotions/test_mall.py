"""The mall's checkout uses a member's coupon once, and gives it back."""

from __future__ import annotations

from typing import Any

import pytest

from common import clock
from integration.clients import create_client
from members.models import Member
from promotions.models import CouponGrant
from tests.api.mall import Mall
from tests.cast import NOON
from tests.promotions.coupons import DAY, coupon, grant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
BODY = {"member": "bo", "order_no": "M-1"}


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=["coupons:use"], at=NOON)
    return Mall(client.key, secret)


@pytest.fixture
def held(bo: Member) -> CouponGrant:
    return grant(coupon(per_member=2), bo, at=clock.now())


def post(mall: Mall, held: CouponGrant, verb: str, body: Any = BODY) -> tuple[int, Any]:
    response = mall.post(f"/coupons/{held.public_id}/{verb}", body)
    return response.status_code, response.json()


def refusal(mall: Mall, held: CouponGrant, verb: str, body: Any = BODY) -> tuple[int, str]:
    status, problem = post(mall, held, verb, body)
    return status, problem["code"]


def order_of(held: CouponGrant) -> str:
    held.refresh_from_db()
    return held.order_number


def test_a_coupon_is_used_and_given_back(mall: Mall, held: CouponGrant) -> None:
    status, body = post(mall, held, "use")
    assert (status, body["status"], body["order_no"]) == (200, "used", "M-1")
    assert post(mall, held, "use") == (200, body)

    status, body = post(mall, held, "return")
    assert (status, body["status"], "order_no" in body) == (200, "usable", False)
    assert post(mall, held, "return") == (200, body)
    assert order_of(held) == ""


def test_the_answer_has_the_terms(mall: Mall, held: CouponGrant) -> None:
    _status, body = post(mall, held, "use")

    assert body["coupon"]["amount"] == 5_000
    assert body["coupon"]["threshold"] == 19_900


def test_refusals_have_their_codes_and_nothing_changes(
    mall: Mall, held: CouponGrant, bo: Member
) -> None:
    other = grant(held.coupon, bo, key="award:a2:1", at=clock.now())
    old = grant(coupon(), bo, key="award:a3:1", at=clock.now() - 8 * DAY)
    post(mall, held, "use")

    assert refusal(mall, held, "use", BODY | {"order_no": "M-2"}) == (409, "coupon_used")
    assert refusal(mall, other, "use") == (409, "order_has_coupon")
    assert refusal(mall, old, "use", BODY | {"order_no": "M-3"}) == (409, "coupon_expired")
    again = refusal(mall, held, "return", BODY | {"order_no": "M-2"})
    assert again == (409, "coupon_used_elsewhere")
    assert [order_of(row) for row in (held, other, old)] == ["M-1", "", ""]


def test_another_members_coupon_does_not_exist(mall: Mall, held: CouponGrant, chen: Member) -> None:
    assert refusal(mall, held, "use", BODY | {"member": "chen"}) == (404, "not_found")
    assert refusal(mall, held, "use", BODY | {"member": "ghost"}) == (422, "member_unknown")
    assert order_of(held) == ""


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["member", "order_no"]),
        ({"member": "bo", "order_no": 1}, ["order_no"]),
        ({"member": "bo", "order_no": "\u200b"}, ["order_no"]),
        ({"member": "bo", "order_no": "x" * 65}, ["order_no"]),
        ({**BODY, "amount": 1}, ["amount"]),
    ],
)
def test_each_wrong_field_is_named(
    mall: Mall, held: CouponGrant, body: Any, fields: list[str]
) -> None:
    status, problem = post(mall, held, "use", body)

    assert status == 400
    assert [error["field"] for error in problem["errors"]] == fields
    assert order_of(held) == ""


def test_another_scope_is_not_enough(held: CouponGrant) -> None:
    client, secret = create_client(name="reader", scopes=["wallets:spend"], at=NOON)

    assert refusal(Mall(client.key, secret), held, "use") == (403, "scope_missing")
    assert order_of(held) == ""
