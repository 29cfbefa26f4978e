"""Members see which coupons they may claim, claim them, and see those that they have."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category
from common import clock
from members.models import Member
from promotions.services import revoke_coupon
from tests.api.phone import Phone, outcome
from tests.cast import link
from tests.promotions.coupons import (
    DAY,
    claim,
    claimable,
    counts,
    coupon,
    draft,
    end,
    grant,
    marketer,
    product,
    publisher,
    use,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def at() -> datetime:
    return clock.now()


def results(who: Member, path: str, **query: Any) -> list[dict[str, Any]]:
    response = Phone(who).get(path, **query)
    assert response.status_code == 200, response.content
    rows: list[dict[str, Any]] = response.json()["results"]
    return rows


def post_claim(who: Member, row: Any, key: str = "k1") -> Any:
    return Phone(who).post(f"/coupons/{row.public_id}/claim", key=key)


def test_a_coupon_to_claim_says_what_it_promises(bo: Member) -> None:
    tea = product()
    row = claimable(
        kind="percent", rate=2_000, most=3_000, scope="products", targets=[tea.pk], stock=100
    )

    (body,) = results(bo, "/coupons")

    assert body == {
        "id": row.public_id, "name": "新人券", "kind": "percent", "rate": 2_000, "most": 3_000,
        "text": "20% off, at most ¥30 from ¥199 · on: tea · 7 days from the grant",
        "threshold": 19_900, "scope": "products",
        "goods": [{"id": tea.public_id, "name": "tea"}],
        "valid_days": 7, "left": 100, "per_member": 1, "held": 0, "can_claim": True,
    }  # fmt: skip


def test_only_what_can_be_claimed_now_is_offered(bo: Member, at: datetime) -> None:
    row = claimable()
    draft(is_claimable=True)
    coupon()
    end(claimable())
    claimable(valid_from=at - 20 * DAY, valid_until=at - DAY, at=at - 10 * DAY)

    assert [body["id"] for body in results(bo, "/coupons")] == [row.public_id]


def test_what_i_have_got_or_has_run_out_cannot_be_claimed(
    bo: Member, chen: Member, at: datetime
) -> None:
    claim(claimable(stock=1), chen, at=at)
    claim(claimable(stock=2), bo, at=at)

    mine, gone = results(bo, "/coupons")

    assert (mine["held"], mine["left"], mine["can_claim"]) == (1, 1, False)
    assert (gone["held"], gone["left"], gone["can_claim"]) == (0, 0, False)


@pytest.mark.parametrize("account", [marketer, publisher])
def test_what_i_wrote_or_published_cannot_be_claimed(account: Any, bo: Member) -> None:
    row = claimable()
    link(account(), bo)

    (body,) = results(bo, "/coupons")

    assert body["can_claim"] is False
    assert outcome(post_claim(bo, row)) == (403, "self_approval_forbidden")
    assert counts() == (0, 0)


def test_a_claim_gives_the_coupon_once_for_each_key(bo: Member) -> None:
    row = claimable(per_member=2)

    first = post_claim(bo, row)
    again = post_claim(bo, row)

    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert counts() == (1, 1)
    assert results(bo, "/me/coupons") == [first.json()]
    post_claim(bo, row, key="k2")
    assert outcome(post_claim(bo, row, key="k3")) == (409, "coupon_limit_reached")
    assert counts() == (2, 2)


def test_a_claim_needs_a_key_and_no_body(bo: Member) -> None:
    row = claimable()
    path = f"/coupons/{row.public_id}/claim"

    assert outcome(Phone(bo).post(path)) == (400, "idempotency_key_missing")
    assert Phone(bo).post(path, {"amount": 1}, key="k1").status_code == 400
    assert counts() == (0, 0)


def test_what_is_not_for_claiming_does_not_exist(bo: Member) -> None:
    for row in (coupon(), draft(is_claimable=True)):
        assert outcome(post_claim(bo, row)) == (404, "not_found")
    ended = claimable()
    end(ended)
    assert outcome(post_claim(bo, ended)) == (409, "coupon_not_published")
    assert counts() == (0, 0)


def test_my_coupons_have_their_state(bo: Member, chen: Member, at: datetime) -> None:
    row = coupon(per_member=9)
    usable = grant(row, bo, at=at)
    expired = grant(row, bo, key="award:a2:1", at=at - 8 * DAY)
    used = grant(row, bo, key="award:a3:1", at=at - DAY)
    use(used, at=at - timedelta(hours=1))
    revoked = grant(row, bo, key="award:a4:1", at=at)
    revoke_coupon(key=revoked.key, at=at, reason="taken back")
    grant(row, chen, key="award:a5:1", at=at)

    states = {body["id"]: body["status"] for body in results(bo, "/me/coupons")}
    assert states == {
        usable.public_id: "usable", expired.public_id: "expired", used.public_id: "used",
        revoked.public_id: "revoked",
    }  # fmt: skip
    (body,) = results(bo, "/me/coupons", status="used")
    assert (body["id"], body["order_no"]) == (used.public_id, "M-1")
    assert "taken back" not in str(results(bo, "/me/coupons"))


def test_an_unknown_state_is_an_error_of_its_field(bo: Member) -> None:
    response = Phone(bo).get("/me/coupons", status="lost")

    assert outcome(response) == (400, "invalid_input")
    assert [error["field"] for error in response.json()["errors"]] == ["status"]


def test_more_coupons_need_no_more_queries(bo: Member, at: datetime) -> None:
    shelf = Category.objects.create(code="food", name="food")

    def add(number: int) -> None:
        goods = product(f"tea {number}")
        rows = [
            claimable(scope="products", targets=[goods.pk]),
            claimable(scope="categories", targets=[shelf.pk]),
        ]
        for row in rows:
            grant(row, bo, key=f"award:{row.pk}:1", at=at)

    def queries(path: str) -> int:
        phone = Phone(bo)
        phone.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert phone.get(path).status_code == 200
        return len(seen)

    add(1)
    before = [queries(path) for path in ("/coupons", "/me/coupons")]
    for number in range(2, 6):
        add(number)
    assert [queries(path) for path in ("/coupons", "/me/coupons")] == before
