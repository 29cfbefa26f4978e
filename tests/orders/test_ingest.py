"""Orders arrive complete, repeatedly, in any order; a contradiction fails only its own order."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Sku
from members.models import Identity, Member
from orders.intake import InvalidOrder, SnapshotConflict, ingest_orders
from orders.models import Attribution, Order, OrderLine, Refund
from orders.models import Policy as OrderPolicy
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK, member
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    get_order,
    ingest,
    line,
    make_referral,
    order,
    plan,
    referral_chain,
    refund,
    sku,
    with_refund,
)  # fmt: skip

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def mask(db: None) -> Sku:
    return sku()


def stored_rows() -> list[Any]:
    models = (Order, OrderLine, Refund, Attribution)
    return [list(model.objects.order_by("pk").values()) for model in models]


def ingestion_error(snapshots: OrderSnapshot) -> Any:
    """Return the error of one order; fail if anything of it was changed."""
    before = stored_rows()
    (result,) = ingest_orders([snapshots], at=PLACED, clock=CLOCK)
    assert result.error is not None
    assert not result.changed
    assert stored_rows() == before
    return result.error


def test_each_snapshot_gets_a_result(mask: Sku, bo: Member) -> None:
    first, second = order(bo), order(bo, number="O-2")

    results = ingest_orders([first, second, first], at=PLACED, clock=CLOCK)

    assert [(result.number, result.changed) for result in results] == [
        ("O-1", True), ("O-2", True), ("O-1", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "status"),
    [
        ({}, "placed"),
        ({"paid_at": PLACED}, "paid"),
        ({"shipped_at": PLACED}, "shipped"),
        ({"paid_at": PLACED, "received_at": PLACED + DAY}, "received"),
        ({"closed_at": PLACED + DAY}, "closed"),
    ],
)
def test_the_status_follows_from_the_times(
    mask: Sku, bo: Member, times: dict[str, Any], status: str
) -> None:
    ingest(order(bo, paid=False, **times))

    assert get_order().status == status


def test_times_arrive_one_by_one_in_any_order(mask: Sku, bo: Member) -> None:
    bare = order(bo, paid=False)
    for name in ("received_at", "paid_at", "shipped_at"):
        ingest(replace(bare, **{name: PLACED + DAY}))

    assert get_order().status == "received"
    assert get_order().release_at == PLACED + DAY + WEEK


def test_a_repeated_snapshot_changes_nothing(mask: Sku, bo: Member) -> None:
    snapshots = with_refund(order(bo, received=True), refund(100))
    ingest(snapshots)
    before = stored_rows()

    (result,) = ingest_orders([snapshots], at=PLACED + DAY, clock=CLOCK)

    assert (result.changed, result.error) == (False, None)
    assert stored_rows() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"buyer": "chen"}, "buyer"),
        ({"placed_at": PLACED + DAY}, "placed_at"),
        ({"paid_at": PLACED}, "paid_at"),
        ({"received_at": PLACED}, "received_at"),
        ({"lines": (line(), line(number=2))}, "lines"),
        ({"lines": (line(quantity=2),)}, "lines[1].quantity"),
        ({"lines": (line(price=1),)}, "lines[1].unit_price"),
        ({"lines": (line(discount=1),)}, "lines[1].discount"),
        ({"lines": (line(shipping=1),)}, "lines[1].shipping"),
        ({"lines": (line(unit_cost=1),)}, "lines[1].unit_cost"),
        ({"refunds": (refund(99),)}, "refunds[R-1].amount"),
        ({"refunds": (refund(100, quantity=1),)}, "refunds[R-1].quantity"),
        ({"refunds": (refund(100, at=PLACED),)}, "refunds[R-1].requested_at"),
    ],
)
def test_a_contradiction_is_refused_with_the_field(
    mask: Sku, bo: Member, chen: Member, change: dict[str, Any], field: str
) -> None:
    snapshots = with_refund(order(bo, received=True), refund(100))
    ingest(snapshots)

    error = ingestion_error(replace(snapshots, **change))

    assert isinstance(error, SnapshotConflict)
    assert error.data["field"] == field
    assert "O-1" in str(error)


@pytest.mark.parametrize(
    "change",
    [
        {"number": ""},
        {"number": "x" * 65},
        {"buyer": ""},
        {"lines": ()},
        {"lines": (line(), line())},
        {"lines": (line("soap"),)},
        {"lines": (line(quantity=0),)},
        {"lines": (line(price=-1),)},
        {"lines": (line(price=10**14),)},
        {"lines": (line(discount=10_991),)},
        {"refunds": (refund(0),)},
        {"refunds": (refund(-1),)},
        {"refunds": (refund(1, line=2),)},
        {"refunds": (refund(1), refund(1))},
        {"refunds": (refund(1, rejected_at=PLACED, withdrawn_at=PLACED),)},
        {"refunds": (refund(1, kind="gift"),)},
        {"refunds": (refund(1, kind="exchange"),)},
        {"refunds": (refund(1, reason="x" * 201),)},
        {"refunds": (refund(1, freight=10**19),)},
        {"refunds": (refund(1, at=PLACED.replace(year=9999)),)},
        {"number": "O\0X"},
        {"number": "O\ud800"},
        {"buyer": "b" * 129},
        {"contact": {"ip": "\0"}},
        {"paid_at": datetime(1, 1, 1, tzinfo=timezone(8 * HOUR))},
        {"paid_at": PLACED.replace(tzinfo=None)},
        {"received_at": PLACED.replace(year=9999)},
    ],
)
def test_an_invalid_order_is_refused(mask: Sku, bo: Member, change: dict[str, Any]) -> None:
    assert isinstance(ingestion_error(replace(order(bo), **change)), InvalidOrder)


def test_a_refund_belongs_to_one_order(mask: Sku, bo: Member) -> None:
    ingest(with_refund(order(bo), refund(100)))

    assert isinstance(
        ingestion_error(with_refund(order(bo, number="O-2"), refund(100))), SnapshotConflict
    )


def test_a_bad_order_does_not_stop_the_others(mask: Sku, bo: Member) -> None:
    ingest(order(bo))
    snapshots = [order(bo, number=f"O-{n}") for n in range(2, 9)]
    snapshots[3:3] = [order(bo, line("soap"), number="bad"), order(bo, line(price=1))]

    results = ingest_orders(snapshots, at=PLACED, clock=CLOCK)

    assert [result.number for result in results if result.error] == ["bad", "O-1"]
    assert Order.objects.count() == 8


def test_a_fault_of_our_own_is_reported_and_the_other_orders_succeed(
    mask: Sku, bo: Member, settings: Any
) -> None:
    settings.FLOWS = "tests.orders.flows"

    results = ingest_orders(
        [order(bo), order(bo, number="faulty"), order(bo, number="O-2")], at=PLACED, clock=CLOCK
    )

    assert [result.error.code if result.error else "" for result in results] == [
        "",
        "order_ingestion_failed",
        "",
    ]
    assert sorted(Order.objects.values_list("number", flat=True)) == ["O-1", "O-2"]


def test_an_unknown_buyer_becomes_a_member(mask: Sku, bo: Member) -> None:
    ingest(replace(order(bo), buyer="stranger"))

    new = Member.objects.with_identity(Identity.Provider.MALL, "stranger").get()
    assert new.joined_at == PLACED


def test_fifty_orders_cost_as_many_queries_as_five(mask: Sku, bo: Member) -> None:
    def queries(count: int) -> int:
        snapshots = [
            order(bo, line(), line(number=2), number=f"{count}-{n}", received=True)
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as captured:
            ingest(*snapshots)
        return len(captured)

    ingest(order(bo))
    plan()
    referral_chain("Mei", "Lan", "Wang")
    make_referral(Member.objects.get(nickname="Lan"), bo)
    queries(1)  # reads the plan, once a process
    assert queries(5) == queries(50)


def test_the_cost_is_fixed_from_the_line_or_the_sku(mask: Sku, bo: Member) -> None:
    ingest(order(bo, line(), line(number=2, unit_cost=100)))
    Sku.objects.update(cost=1)

    assert list(OrderLine.objects.values_list("unit_cost", flat=True)) == [4_200, 100]


def test_a_later_change_of_the_protection_does_not_apply_to_received_orders(
    mask: Sku, bo: Member
) -> None:
    ingest(order(bo, received=True), order(bo, number="O-2"))

    OrderPolicy.objects.update(protection_days=30)
    ingest(order(bo, received=True), order(bo, number="O-2", received=True))

    received = PLACED + 3 * DAY
    assert get_order().release_at == received + WEEK
    assert get_order("O-2").release_at == received + timedelta(days=30)


def test_known_orders_between_new_ones_do_not_mix_up_the_goods(mask: Sku) -> None:
    buyer = member("Bo")
    codes = [sku(f"thing-{number:02}").code for number in range(60)]
    snapshots = [
        order(buyer, line(code), number=f"M-{number:03}") for number, code in enumerate(codes * 4)
    ]
    ingest(*snapshots[::3])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # joins are planned by how much there is

    ingest(*snapshots)

    placed = OrderLine.objects.values_list("order__number", "sku__code")
    assert dict(placed) == {snapshot.number: snapshot.lines[0].sku for snapshot in snapshots}
