"""The mall's server reads orders, commissions and withdrawals; masks pay Lan 10.99 and Mei 5.49."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commissions.models import Commission
from distribution.models import Distributor
from events.models import Event
from integration.clients import create_client
from members.models import Member
from orders.models import Order, OrderConflict
from tests.api.mall import Mall
from tests.api.test_order_batches import body
from tests.cast import NOON
from tests.shop import DAY, open_shop, plan, referral_chain, rule, settle_all, sku

pytestmark = pytest.mark.django_db

RECEIVED = {"received_at": "2026-11-04T12:00:00+08:00"}
REFUND = {
    "refund_no": "R-1",
    "line_no": 1,
    "quantity": 0,
    "amount": 1_000,
    "requested_at": "2026-11-05T12:00:00+08:00",
    "approved_at": "2026-11-05T13:00:00+08:00",
    "done_at": "2026-11-05T14:00:00+08:00",
}
QUOTE = {"buyer": "bo", "items": [{"sku": "mask", "quantity": 1}]}


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def send(mall: Mall, *orders: dict[str, Any]) -> None:
    results = mall.post("/orders:batch", {"orders": list(orders)}).json()["results"]
    assert {row["status"] for row in results} <= {"created", "updated"}, results


def code_of(name: str) -> str:
    return Distributor.objects.values_list("code", flat=True).get(member__nickname=name)


def tiers(lines: list[dict[str, Any]]) -> list[tuple[str, int, str]]:
    return [(row["member"], row["current"], row["status"]) for row in lines[0]["tiers"]]


def stored() -> list[list[Any]]:
    return [list(rows.values()) for rows in (Order.objects, Commission.objects, Event.objects)] + [
        list(OrderConflict.objects.values()),
        list(Member.objects.values("pk")),
    ]


def test_an_order_is_read_whole(mall: Mall) -> None:
    open_shop()
    send(mall, body(**RECEIVED, refunds=[REFUND], metadata={"from": "直播"}, share="s1"))

    answer = mall.get("/orders/O-1").json()

    assert answer["order_no"] == "O-1"
    assert (answer["buyer"], answer["status"], answer["share"]) == ("bo", "received", "s1")
    assert answer["metadata"] == {"from": "直播"}
    assert answer["received_at"] == "2026-11-04T12:00:00+08:00"
    assert answer["release_at"] == "2026-11-11T12:00:00+08:00"
    assert "shipped_at" not in answer
    assert "contact" not in answer
    (line,) = answer["lines"]
    assert (line["sku"], line["paid"], line["refunded_amount"]) == ("mask", 10_990, 1_000)
    (refund,) = answer["refunds"]
    assert REFUND.items() <= refund.items()
    assert (refund["status"], refund["kind"], refund["freight"]) == ("done", "refund", 0)
    assert answer["conflicts"] == []


def test_open_conflicts_are_part_of_the_order(mall: Mall) -> None:
    open_shop()
    send(mall, body())
    mall.put("/orders/O-1", body(placed_at="2026-11-02T13:00:00+08:00"))

    (conflict,) = mall.get("/orders/O-1").json()["conflicts"]

    assert conflict["field"] == "placed_at"


def test_an_unknown_order_is_not_found(mall: Mall) -> None:
    for path in ("/orders/O-9", "/orders/O-9/commissions"):
        assert mall.get(path).json()["code"] == "not_found"


def test_commissions_of_an_order_are_explained(mall: Mall) -> None:
    open_shop()
    send(mall, body(**RECEIVED))

    answer = mall.get("/orders/O-1/commissions", **{"Accept-Language": "en"}).json()

    assert tiers(answer["lines"]) == [("lan", 1_099, "protected"), ("mei", 549, "protected")]
    first = answer["lines"][0]["tiers"][0]
    assert first["distributor"] == code_of("Lan")
    assert first["release_at"] == "2026-11-11T12:00:00+08:00"
    assert any("10% of the amount paid" in sentence for sentence in first["explanation"])


def test_an_order_without_uplines_is_explained_too(mall: Mall) -> None:
    sku()
    plan()
    send(mall, body(buyer="chen"))

    first = mall.get("/orders/O-1/commissions").json()["lines"][0]["tiers"][0]

    assert (first["reason"], first["status"], "member" in first) == ("no_upline", "none", False)


def test_a_dry_run_answers_the_same_and_writes_nothing(mall: Mall) -> None:
    open_shop()
    send(mall, body("O-1"))
    before = stored()
    told = [
        body("O-1"),
        body("O-1", **RECEIVED),
        body("O-2", buyer="somebody new"),
        body("O-1", placed_at="2026-11-02T13:00:00+08:00"),
        body("O-3", lines=[{"line_no": 1, "sku": "tea", "quantity": 1, "unit_price": 1}]),
    ]

    answers = [
        mall.send("PUT", f"/orders/{row['order_no']}", row, query="dry_run=true") for row in told
    ]

    assert stored() == before
    really = [mall.put(f"/orders/{row['order_no']}", row) for row in told]
    assert [row.json().get("status") for row in really[:3]] == ["unchanged", "updated", "created"]
    assert [row.status_code for row in really[3:]] == [409, 422]
    assert [row.json() for row in answers] == [row.json() for row in really]


def test_a_misspelt_dry_run_is_refused(mall: Mall) -> None:
    open_shop()

    response = mall.send("PUT", "/orders/O-1", body(), query="dryrun=true")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_input")
    assert not Order.objects.exists()


def test_a_basket_is_quoted_as_it_would_be_paid(mall: Mall) -> None:
    open_shop()
    before = stored()

    answer = mall.post("/quotes", QUOTE).json()

    assert tiers(answer["lines"]) == [("lan", 1_099, "expected"), ("mei", 549, "expected")]
    assert answer["lines"][0]["tiers"][0]["explanation"]
    assert stored() == before
    items = [{"sku": "mask", "quantity": 2, "unit_price": 5_000, "discount": 1_000}]
    assert mall.post("/quotes", QUOTE | {"items": items}).json()["lines"][0]["paid"] == 9_000


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"buyer": "nobody"}, "member_unknown"),
        ({"items": [{"sku": "tea", "quantity": 1}]}, "basket_sku_unknown"),
        ({"items": [{"sku": "mask", "quantity": 1, "discount": 20_000}]}, "basket_price_invalid"),
        ({"items": [{"sku": "mask", "quantity": 0}]}, "invalid_input"),
        ({"items": []}, "invalid_input"),
    ],
)
def test_a_bad_basket_is_refused(mall: Mall, fields: dict[str, Any], code: str) -> None:
    open_shop()

    response = mall.post("/quotes", QUOTE | fields)

    assert response.json()["code"] == code
    assert 400 <= response.status_code < 500


def test_without_a_plan_nobody_is_quoted(mall: Mall) -> None:
    sku()
    referral_chain("Lan", "Bo")

    assert mall.post("/quotes", QUOTE).json()["code"] == "no_plan_in_force"


def test_commissions_are_listed(mall: Mall) -> None:
    open_shop()
    send(mall, body("O-1", **RECEIVED), body("O-2"))
    settle_all(at=NOON + 30 * DAY)

    rows = mall.get("/commissions").json()["results"]

    assert [(row["order_no"], row["tier"], row["member"], row["status"]) for row in rows] == [
        ("O-2", 2, "mei", "pending"),
        ("O-2", 1, "lan", "pending"),
        ("O-1", 2, "mei", "credited"),
        ("O-1", 1, "lan", "credited"),
    ]
    assert rows[3]["credited_at"]
    assert "release_at" not in rows[0]
    filters = {
        "status=credited": 2,
        "status=void": 0,
        f"distributor={code_of('Lan')}": 2,
        "order_no=O-2&status=pending": 2,
        "accrued_after=2199-01-01T00:00:00%2B08:00": 0,
        "accrued_after=2026-11-02T12:00:59%2B08:00": 4,
    }
    for query, count in filters.items():
        assert len(mall.get("/commissions", query).json()["results"]) == count, query
    assert mall.get("/commissions", "state=paid").json()["code"] == "invalid_input"


def test_pages_are_followed_by_cursor(mall: Mall) -> None:
    open_shop()
    send(mall, *(body(f"O-{number}") for number in range(3)))

    first = mall.get("/distributors", "page_size=1").json()
    assert [row["member"] for row in first["results"]] == ["lan"]
    cursor = first["next"]
    second = mall.get("/distributors", f"page_size=1&cursor={cursor}").json()
    assert [(row["member"], row["status"]) for row in second["results"]] == [("mei", "active")]
    assert second["next"] is None
    foreign = mall.get("/commissions", f"cursor={cursor}")
    assert (foreign.status_code, foreign.json()["code"]) == (400, "invalid_cursor")
    assert mall.get("/distributors", "status=exited").json()["results"] == []


@pytest.mark.parametrize("path", ["/commissions", "/distributors"])
def test_a_list_takes_as_many_queries_for_20_rows_as_for_1(mall: Mall, path: str) -> None:
    names = [f"D{number}" for number in range(20)]
    sku()
    plan(rule())
    referral_chain(*names, "Bo")
    send(mall, *(body(f"O-{number}", buyer=name.lower()) for number, name in enumerate(names[2:])))
    mall.get(path)

    def queries(size: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(mall.get(path, f"page_size={size}").json()["results"]) == size
        return len(captured)

    assert queries(1) == queries(20)


def test_withdrawals_are_listed(mall: Mall) -> None:
    assert mall.get("/withdrawals").json() == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/orders/O-1"),
        ("GET", "/orders/O-1/commissions"),
        ("GET", "/commissions"),
        ("GET", "/distributors"),
        ("GET", "/withdrawals"),
        ("POST", "/quotes"),
    ],
)
def test_each_read_needs_its_scope(method: str, path: str) -> None:
    client, secret = create_client(name="mall", scopes=["orders:write"], at=NOON)

    response = Mall(client.key, secret).send(method, path, QUOTE if method == "POST" else None)

    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
