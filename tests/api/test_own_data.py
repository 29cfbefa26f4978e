"""The export of a member's data has their orders, commissions and claims, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions import exports
from members.models import Member
from tests.api.phone import Phone
from tests.shop import ingest, line, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db
CLAIM = {"order_no": "O-404", "reason": "missing", "text": "Bo bought a mask on Monday."}


@pytest.fixture
def bo() -> Member:
    buyer = open_shop()
    ingest(with_refund(order(buyer, line(quantity=2), region="杭州"), refund(1_000)))
    return buyer


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def own_data(who: Member) -> Any:
    response = Phone(who).get("/me/data")
    assert response.status_code == 200
    return response.json()


def test_a_buyer_gets_their_orders(bo: Member) -> None:
    (row,) = own_data(bo)["orders"]

    assert (row["order_no"], row["status"], row["region"]) == ("O-1", "paid", "杭州")
    assert row["placed_at"] == "2026-11-02T12:00:00+08:00"
    assert row["received_at"] is None
    (bought,) = row["lines"]
    assert (bought["sku"], bought["quantity"], bought["unit_price"]) == ("mask", 2, 10_990)
    (returned,) = bought["refunds"]
    assert (returned["refund_no"], returned["amount"]) == ("R-1", 1_000)


def test_a_distributor_gets_commissions_and_claims(lan: Member) -> None:
    made = Phone(lan).post("/distributor/claims", CLAIM).json()

    data = own_data(lan)

    assert data["orders"] == []
    assert data["commissions"]["count"] == 1
    (commission,) = data["commissions"]["latest"]
    assert (commission["id"], commission["original"]) == ("O-1-1-1", 2_198)
    (claim,) = data["claims"]
    assert (claim["id"], claim["text"]) == (made["id"], CLAIM["text"])


def test_a_stranger_gets_nothing_of_them(lan: Member, chen: Member) -> None:
    Phone(lan).post("/distributor/claims", CLAIM)

    data = own_data(chen)

    assert (data["orders"], data["claims"]) == ([], [])
    assert data["commissions"] == {"count": 0, "latest": []}


def test_the_latest_commissions_are_listed(
    bo: Member, lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_COMMISSIONS", 1)
    ingest(order(bo, number="O-2"))

    commissions = own_data(lan)["commissions"]

    assert commissions["count"] == 2
    assert [row["id"] for row in commissions["latest"]] == ["O-2-1-1"]


def test_the_export_takes_the_same_number_of_queries(bo: Member, lan: Member) -> None:
    def queries(who: Member) -> int:
        phone = Phone(who)
        with CaptureQueriesContext(connection) as captured:
            phone.get("/me/data")
        return len(captured)

    before = queries(bo), queries(lan)
    ingest(*(order(bo, line(), line(number=2), number=f"N-{number}") for number in range(19)))

    assert (queries(bo), queries(lan)) == before
