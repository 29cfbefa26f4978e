"""A mask for 109.90 earns Lan 10.99 as tier 1 and Mei 5.49 as tier 2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member
from tests.api.phone import Phone, outcome
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    referral_chain,
    refund,
    settle_all,
    sku,
    with_refund,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo() -> Member:
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


def listed(who: Member, path: str = "/distributor/commissions", **query: Any) -> Any:
    response = Phone(who).get(path, **query)
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_commission_is_listed_to_its_distributor(lan: Member, mei: Member, chen: Member) -> None:
    (mine,) = listed(lan)
    (above,) = listed(mei)

    assert mine == {
        "id": "O-1-1-1",
        "order_no": "O-1",
        "line_no": 1,
        "title": "mask",
        "quantity": 1,
        "tier": 1,
        "kind": "cash",
        "original": 1_099,
        "current": 1_099,
        "status": "pending",
        "at": "2026-11-02T12:00:00+08:00",
        "release_at": None,
        "held": [],
        "via": "",
    }
    assert (above["id"], above["current"], above["via"]) == ("O-1-1-2", 549, "Lan")
    assert listed(chen) == []


def test_filters_narrow_the_list(lan: Member, bo: Member) -> None:
    ingest(order(bo, number="O-2", received=True))
    ingest(with_refund(order(bo, number="O-3"), refund(10_990, quantity=1)))
    settle_all(at=PLACED + 4 * WEEK)

    def numbers(**query: Any) -> list[str]:
        return [row["order_no"] for row in listed(lan, **query)]

    assert numbers() == ["O-3", "O-2", "O-1"]
    assert numbers(status="pending") == ["O-1"]
    assert numbers(status="credited") == ["O-2"]
    assert numbers(status="void") == ["O-3"]
    assert numbers(search="O-2") == ["O-2"]
    assert numbers(tier=2) == []
    assert numbers(to="2026-11-02T12:00:00+08:00") == []
    assert len(numbers(**{"from": "2026-11-02T12:00:00+08:00"})) == 3
    wrong = Phone(lan).get("/distributor/commissions", status="lost", to="yesterday", page=2)
    assert outcome(wrong) == (400, "invalid_input")
    assert {error["field"] for error in wrong.json()["errors"]} == {"status", "to", "page"}


def test_an_open_refund_is_a_reason_to_wait(lan: Member, bo: Member) -> None:
    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1, done=False)))

    (row,) = listed(lan)

    assert [held["reason"] for held in row["held"]] == ["after_sale"]
    assert row["release_at"]


def test_a_commission_explains_itself(lan: Member, chen: Member) -> None:
    body = Phone(lan).get("/distributor/commissions/O-1-1-1").json()

    assert (body["id"], body["explanation"]["reason"]) == ("O-1-1-1", "paid")
    assert body["explanation"]["paid"] == 10_990
    assert (
        "Lan is tier 1: the buyer's upline when the order was placed."
        in (body["explanation"]["sentences"])
    )
    assert "Mei" not in str(body)


@pytest.mark.parametrize(
    "public_id", ["O-1-1-2", "O-1-2-1", "O-1-1", "O-1", "O-1-x-1", "O-1-1-99999", "O-9-1-1"]
)
def test_other_commissions_are_not_found(lan: Member, public_id: str) -> None:
    answer = Phone(lan).get(f"/distributor/commissions/{public_id}")
    assert outcome(answer) == (404, "not_found")


def test_a_stranger_finds_no_commission(chen: Member, bo: Member) -> None:
    answer = Phone(chen).get("/distributor/commissions/O-1-1-1")
    assert outcome(answer) == (404, "not_found")


def test_an_order_shows_its_lines_and_what_it_earns(lan: Member, mei: Member, bo: Member) -> None:
    two = order(bo, line(), line(number=2, quantity=2), number="O-2")
    ingest(with_refund(two, refund(10_990, quantity=1, line=2)))

    mine, above = listed(lan, "/distributor/orders"), listed(mei, "/distributor/orders")

    assert [row["order_no"] for row in mine] == ["O-2", "O-1"]
    assert {name: mine[0][name] for name in ("tier", "buyer", "via", "paid", "refunded")} == {
        "tier": 1,
        "buyer": "B**",
        "via": "",
        "paid": 32_970,
        "refunded": 10_990,
    }
    assert [(row["line_no"], row["quantity"], row["commission"]) for row in mine[0]["lines"]] == [
        (1, 1, 1_099),
        (2, 2, 1_099),
    ]
    assert [(row["tier"], row["via"], row["buyer"]) for row in above] == [(2, "Lan", "B**")] * 2
    assert [row["order_no"] for row in listed(mei, "/distributor/orders", search="O-1")] == ["O-1"]


def unpaid(who: Member, **query: Any) -> Any:
    return listed(who, "/distributor/orders", status="unpaid", **query)


def test_an_unpaid_order_shows_what_it_would_bring(
    lan: Member, mei: Member, bo: Member, chen: Member
) -> None:
    ingest(order(bo, line(), line(number=2, quantity=2), number="O-2", paid=False))

    (mine,), (above,) = unpaid(lan), unpaid(mei)

    assert {name: mine[name] for name in ("order_no", "status", "tier", "buyer", "via")} == {
        "order_no": "O-2",
        "status": "placed",
        "tier": 1,
        "buyer": "B**",
        "via": "",
    }
    assert [(row["commission"], row["state"], row["kind"]) for row in mine["lines"]] == [
        (1_099, "expected", "cash"),
        (2_198, "expected", "cash"),
    ]
    assert (above["tier"], above["via"]) == (2, "Lan")
    assert [row["commission"] for row in above["lines"]] == [549, 1_099]
    assert unpaid(chen) == unpaid(bo) == []
    assert [row["order_no"] for row in listed(lan, "/distributor/orders")] == ["O-1"]


def test_a_paid_or_closed_order_is_unpaid_no_more(lan: Member, bo: Member) -> None:
    placed = [order(bo, number=f"O-{number}", paid=False) for number in (2, 3, 4)]
    ingest(*placed)
    expected = unpaid(lan, search="O-2")[0]["lines"]
    assert [row["order_no"] for row in unpaid(lan)] == ["O-4", "O-3", "O-2"]

    ingest(order(bo, number="O-2"))
    ingest(replace(placed[1], closed_at=PLACED + DAY))

    assert [row["order_no"] for row in unpaid(lan)] == ["O-4"]
    (paid,) = listed(lan, "/distributor/orders", search="O-2")
    assert paid["lines"] == [{**row, "state": "pending"} for row in expected]


def test_filters_narrow_the_unpaid_orders(lan: Member, mei: Member, bo: Member) -> None:
    ingest(*(order(bo, number=number, paid=False) for number in ("O-2", "O-3")))

    assert [row["order_no"] for row in unpaid(lan, search="O-3")] == ["O-3"]
    assert len(unpaid(lan, tier=1)) == len(unpaid(mei, tier=2)) == 2
    assert unpaid(lan, tier=2) == unpaid(mei, tier=1) == []
    assert unpaid(lan, to="2026-11-02T12:00:00+08:00") == []
    assert len(unpaid(lan, **{"from": "2026-11-02T12:00:00+08:00"})) == 2
    wrong = Phone(lan).get("/distributor/orders", status="lost")
    assert outcome(wrong) == (400, "invalid_input")


def test_an_unpaid_order_without_a_plan_brings_nothing() -> None:
    sku()
    lan, bo = referral_chain("Lan", "Bo")
    ingest(order(bo, paid=False))

    (row,) = unpaid(lan)

    assert [(line["commission"], line["state"]) for line in row["lines"]] == [(0, "")]


def test_lists_take_the_same_number_of_queries(lan: Member, bo: Member) -> None:
    phone = Phone(lan)

    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert phone.get(path).status_code == 200
        return len(queries)

    ingest(order(bo, number="U-0", paid=False))
    paths = (
        "/distributor/commissions",
        "/distributor/orders",
        "/distributor/orders?status=unpaid",
    )
    few = [count(path) for path in paths]
    ingest(*(order(bo, line(), line(number=2), number=f"N-{number}") for number in range(19)))
    ingest(*(order(bo, number=f"U-{number}", paid=False) for number in range(20)))

    assert [count(path) for path in paths] == few


def test_wallets_show_what_is_on_its_way(lan: Member, bo: Member) -> None:
    ingest(order(bo, number="O-2", received=True))
    phone = Phone(lan)

    before = phone.get("/me/wallets").json()["wallets"][0]
    settle_all(at=PLACED + 4 * WEEK)
    after = phone.get("/me/wallets").json()["wallets"][0]

    assert (before["balance"], before["pending"], before["protected"]) == (0, 1_099, 1_099)
    assert (after["balance"], after["pending"], after["protected"]) == (1_099, 1_099, 0)
    (credit,) = phone.get("/me/wallets/cash/transfers").json()["results"]
    assert credit["purpose"] == {"kind": "order", "id": "O-2", "title": "mask"}
