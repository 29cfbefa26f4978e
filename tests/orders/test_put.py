"""Orders come in whole, many times, in any order; what contradicts is refused, the others go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Sku
from events.models import Event
from members.models import Identity, Member
from orders.models import Attribution, Order, OrderLine, Refund
from orders.models import Policy as OrderPolicy
from orders.services import InvalidOrder, SnapshotConflict, ingest_orders
from orders.snapshots import OrderSnapshot
from tests.cast import member
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


def picture() -> list[Any]:
    models = (Order, OrderLine, Refund, Attribution, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


def refusal(facts: OrderSnapshot) -> Any:
    """Why one order is refused; the test fails unless everything has stayed as it was."""
    before = picture()
    (outcome,) = ingest_orders([facts], at=PLACED)
    assert outcome.error is not None
    assert not outcome.changed
    assert picture() == before
    return outcome.error


def test_it_is_told_what_came_of_each(mask: Sku, bo: Member) -> None:
    first, second = order(bo), order(bo, number="O-2")

    outcomes = ingest_orders([first, second, first], at=PLACED)

    assert [(one.number, one.changed) for one in outcomes] == [
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
def test_the_status_follows_from_the_facts(
    mask: Sku, bo: Member, times: dict[str, Any], status: str
) -> None:
    ingest(order(bo, paid=False, **times))

    assert get_order().status == status


def test_facts_come_one_by_one_in_any_order(mask: Sku, bo: Member) -> None:
    bare = order(bo, paid=False)
    for fact in ("received_at", "paid_at", "shipped_at"):
        ingest(replace(bare, **{fact: PLACED + DAY}))

    assert get_order().status == "received"
    assert get_order().release_at == PLACED + DAY + WEEK


def test_what_is_known_changes_nothing(mask: Sku, bo: Member) -> None:
    facts = with_refund(order(bo, received=True), refund(100))
    ingest(facts)
    before = picture()

    (outcome,) = ingest_orders([facts], at=PLACED + DAY)

    assert (outcome.changed, outcome.error) == (False, None)
    assert picture() == before


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
def test_what_contradicts_is_refused_with_what_differs(
    mask: Sku, bo: Member, chen: Member, change: dict[str, Any], field: str
) -> None:
    facts = with_refund(order(bo, received=True), refund(100))
    ingest(facts)

    refused = refusal(replace(facts, **change))

    assert isinstance(refused, SnapshotConflict)
    assert refused.data["field"] == field
    assert "O-1" in str(refused)


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
        {"refunds": (refund(10_991),)},
        {"refunds": (refund(1, quantity=2),)},
        {"refunds": (refund(0),)},
        {"refunds": (refund(-1),)},
        {"refunds": (refund(1, line=2),)},
        {"refunds": (refund(1), refund(1))},
        {"refunds": (refund(6000, number="R-1"), refund(6000, number="R-2"))},
        {"refunds": (refund(1, rejected_at=PLACED),)},
        {"refunds": (refund(1, reason="x" * 201),)},
        {"refunds": (refund(1, freight=10**19),)},
        {"refunds": (refund(1, at=PLACED.replace(year=9999)),)},
        {"number": "O\0"},
        {"number": "O\ud800"},
        {"buyer": "b" * 129},
        {"contact": {"ip": "\0"}},
        {"paid_at": datetime(1, 1, 1, tzinfo=timezone(8 * HOUR))},
        {"paid_at": PLACED.replace(tzinfo=None)},
        {"received_at": PLACED.replace(year=9999)},
    ],
)
def test_what_cannot_be_an_order_is_refused(mask: Sku, bo: Member, change: dict[str, Any]) -> None:
    assert isinstance(refusal(replace(order(bo), **change)), InvalidOrder)


def test_a_refund_belongs_to_one_order(mask: Sku, bo: Member) -> None:
    ingest(with_refund(order(bo), refund(100)))

    assert isinstance(refusal(with_refund(order(bo, number="O-2"), refund(100))), SnapshotConflict)


def test_refunds_together_are_no_more_than_was_paid(mask: Sku, bo: Member) -> None:
    ingest(with_refund(order(bo), refund(6000)))

    refused = refusal(with_refund(order(bo), refund(6000, number="R-2")))

    assert isinstance(refused, InvalidOrder)


def test_an_ended_after_sale_does_not_end_otherwise(mask: Sku, bo: Member) -> None:
    asked = refund(100, done=False)
    ingest(with_refund(order(bo), replace(asked, rejected_at=PLACED + DAY)))

    refused = refusal(with_refund(order(bo), replace(asked, done_at=PLACED + DAY)))

    assert isinstance(refused, SnapshotConflict)


def test_a_bad_order_does_not_stop_the_others(mask: Sku, bo: Member) -> None:
    ingest(order(bo))
    facts = [order(bo, number=f"O-{n}") for n in range(2, 9)]
    facts[3:3] = [order(bo, line("soap"), number="bad"), order(bo, line(price=1))]

    outcomes = ingest_orders(facts, at=PLACED)

    assert [one.number for one in outcomes if one.error] == ["bad", "O-1"]
    assert Order.objects.count() == 8


def test_an_order_of_a_fault_of_ours_is_told_and_the_others_go_on(
    mask: Sku, bo: Member, settings: Any
) -> None:
    settings.FLOWS = "tests.orders.flows"

    outcomes = ingest_orders(
        [order(bo), order(bo, number="faulty"), order(bo, number="O-2")], at=PLACED
    )

    assert [one.error.code if one.error else "" for one in outcomes] == [
        "",
        "order_ingestion_failed",
        "",
    ]
    assert sorted(Order.objects.values_list("number", flat=True)) == ["O-1", "O-2"]


def test_a_buyer_nobody_knew_is_a_member_from_then_on(mask: Sku, bo: Member) -> None:
    ingest(replace(order(bo), buyer="stranger"))

    new = Member.objects.with_identity(Identity.Provider.MALL, "stranger").get()
    assert new.joined_at == PLACED


def test_fifty_orders_cost_as_many_queries_as_five(mask: Sku, bo: Member) -> None:
    def queries(count: int) -> int:
        facts = [
            order(bo, line(), line(number=2), number=f"{count}-{n}", received=True)
            for n in range(count)
        ]
        with CaptureQueriesContext(connection) as seen:
            ingest(*facts)
        return len(seen)

    ingest(order(bo))
    plan()
    referral_chain("Mei", "Lan")
    make_referral(Member.objects.get(nickname="Lan"), bo)
    queries(1)  # reads the plan, once a process
    assert queries(5) == queries(50)


def test_the_cost_is_frozen_from_the_line_or_the_sku(mask: Sku, bo: Member) -> None:
    ingest(order(bo, line(), line(number=2, unit_cost=100)))
    Sku.objects.update(cost=1)

    assert list(OrderLine.objects.values_list("unit_cost", flat=True)) == [4_200, 100]


def test_a_later_setting_of_the_protection_touches_no_received_order(mask: Sku, bo: Member) -> None:
    ingest(order(bo, received=True), order(bo, number="O-2"))

    OrderPolicy.objects.update(protection_days=30)
    ingest(order(bo, received=True), order(bo, number="O-2", received=True))

    received = PLACED + 3 * DAY
    assert get_order().release_at == received + WEEK
    assert get_order("O-2").release_at == received + timedelta(days=30)


def test_known_orders_between_new_ones_do_not_mix_the_goods_up(mask: Sku) -> None:
    buyer = member("Bo")
    codes = [sku(f"thing-{number:02}").code for number in range(60)]
    facts = [
        order(buyer, line(code), number=f"M-{number:03}") for number, code in enumerate(codes * 4)
    ]
    ingest(*facts[::3])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # joins are planned by how much there is

    ingest(*facts)

    placed = OrderLine.objects.values_list("order__number", "sku__code")
    assert dict(placed) == {one.number: one.lines[0].sku for one in facts}
