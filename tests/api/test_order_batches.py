"""The mall's server sends orders over HTTP; masks pay Lan 10.99 and Mei 5.49."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from commissions.models import Commission
from integration.clients import create_client
from orders.models import Order
from tests.api.mall import Mall
from tests.cast import NOON
from tests.shop import open_shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def mall() -> Mall:
    client, secret = create_client(name="mall", scopes=None, at=NOON)
    return Mall(client.key, secret)


def body(number: str = "O-1", **fields: Any) -> dict[str, Any]:
    return {
        "order_no": number,
        "buyer": "bo",
        "placed_at": "2026-11-02T12:00:00+08:00",
        "paid_at": "2026-11-02T12:01:00+08:00",
        "lines": [{"line_no": 1, "sku": "mask", "quantity": 1, "unit_price": 10_990}],
        **fields,
    }


def amounts() -> list[tuple[int, int]]:
    return list(Commission.objects.order_by("tier").values_list("tier", "current"))


def test_an_order_pays_both_tiers(mall: Mall) -> None:
    open_shop()

    response = mall.post("/orders:batch", {"orders": [body(metadata={"from": "直播"})]})

    assert response.status_code == 200, response.content
    assert response.json() == {"results": [{"order_no": "O-1", "status": "created"}]}
    assert amounts() == [(1, 1_099), (2, 549)]
    assert Order.objects.get().metadata == {"from": "直播"}


def test_each_order_gets_a_result_at_its_place(mall: Mall) -> None:
    open_shop()
    mall.post("/orders:batch", {"orders": [body("O-1"), body("O-2")]})
    shipped = "2026-11-03T12:00:00+08:00"

    response = mall.post(
        "/orders:batch",
        {
            "orders": [
                body("O-1"),
                body("O-2", shipped_at=shipped),
                body("O-2", shipped_at=shipped),
                body("O-1", placed_at="2026-11-02T13:00:00+08:00"),
                body("O-3", buyer=7, colour="red"),
                body("O-4", lines=[{"line_no": 1, "sku": "tea", "quantity": 1, "unit_price": 1}]),
                body("O-5", paid_at=None),
            ]
        },
    )

    results = response.json()["results"]
    assert [(row["order_no"], row["status"]) for row in results] == [
        ("O-1", "unchanged"),
        ("O-2", "updated"),
        ("O-2", "unchanged"),
        ("O-1", "conflict"),
        ("O-3", "invalid"),
        ("O-4", "invalid"),
        ("O-5", "created"),
    ]
    assert results[3]["problem"]["code"] == "snapshot_conflict"
    assert [(row["field"], row["code"]) for row in results[4]["problem"]["errors"]] == [
        ("buyer", "invalid"),
        ("colour", "unknown_field"),
    ]
    assert results[5]["problem"]["code"] == "invalid_order"


def test_shipping_of_the_order_is_split_by_what_was_paid(mall: Mall) -> None:
    open_shop()
    lines = [
        {"line_no": 1, "sku": "mask", "quantity": 1, "unit_price": 3_000},
        {"line_no": 2, "sku": "mask", "quantity": 1, "unit_price": 6_000},
    ]

    mall.post("/orders:batch", {"orders": [body(lines=lines, shipping=1_000)]})

    lines_by_number = Order.objects.get().lines.order_by("number")
    assert list(lines_by_number.values_list("shipping", flat=True)) == [333, 667]


def test_one_order_is_put_at_its_number(mall: Mall) -> None:
    open_shop()

    assert mall.put("/orders/O-1", body()).json()["status"] == "created"
    assert mall.put("/orders/O-1", body()).json()["status"] == "unchanged"

    refused = mall.put("/orders/O-1", body(placed_at="2026-11-02T13:00:00+08:00"))
    assert (refused.status_code, refused.json()["code"]) == (409, "snapshot_conflict")
    assert refused["Content-Type"] == "application/problem+json"
    elsewhere = mall.put("/orders/O-2", body())
    assert (elsewhere.status_code, elsewhere.json()["errors"][0]["field"]) == (400, "order_no")
    assert Order.objects.get().placed_at == datetime(2026, 11, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b"[]", 400, "invalid_input"),
        (b'{"orders": []}', 400, "invalid_input"),
        (b'{"orders": [1.5]}', 400, "invalid_input"),
        (b'{"orders": ' + b" " * 3_000_000 + b"[]}", 413, "body_too_large"),
    ],
)
def test_a_bad_body_is_a_problem(mall: Mall, raw: bytes, status: int, code: str) -> None:
    response = mall.post("/orders:batch", raw)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not Order.objects.exists()


def test_501_orders_are_too_many(mall: Mall) -> None:
    response = mall.post("/orders:batch", {"orders": [body(f"O-{n}") for n in range(501)]})

    assert (response.status_code, response.json()["errors"][0]["field"]) == (400, "orders")
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("placed_at", "2026-11-02T12:00:00"),
        ("placed_at", 1_700_000_000),
        ("shipping", 8.5),
        ("shipping", "8"),
        ("shipping", True),
        ("shipping", -1),
        ("buyer", "b\0o"),
        ("lines", {}),
        ("lines", []),
        ("metadata", {"a": "x" * 5_000}),
        ("contact", {"phone": "138"}),
    ],
)
def test_a_bad_value_is_named(mall: Mall, field: str, value: object) -> None:
    open_shop()

    (result,) = mall.post("/orders:batch", {"orders": [body(**{field: value})]}).json()["results"]

    assert result["status"] == "invalid"
    assert result["problem"]["errors"][0]["field"].startswith(field)
    assert not Order.objects.exists()
