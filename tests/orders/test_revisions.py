"""Malls change orders until they are paid, and refunds until they are done."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from commissions.models import Commission
from members.models import Member
from orders.intake import SnapshotConflict, ingest_orders
from orders.models import Order, OrderLine, Refund
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    sku,
    wallet_balance,
    with_refund,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    sku("soap", price=2_000, cost=None)
    return open_shop()


def amounts() -> list[tuple[str, int, int]]:
    return [(name, original, current) for _, _, name, original, current, _ in commissions()]


def error_of(snapshot: OrderSnapshot) -> Any:
    (result,) = ingest_orders([snapshot], at=PLACED, clock=CLOCK)
    return result.error


def told_lines() -> list[tuple[int, str, int, int]]:
    rows = OrderLine.objects.order_by("number")
    return list(rows.values_list("number", "sku__code", "quantity", "unit_price"))


def test_a_price_changed_before_payment_counts(bo: Member) -> None:
    ingest(order(bo, paid=False))

    ingest(order(bo, line(price=9_990)))

    assert amounts() == [("Lan", 999, 999), ("Mei", 499, 499)]


def test_lines_change_until_the_order_is_paid(bo: Member) -> None:
    ingest(order(bo, line(), line("soap", number=2, price=2_000), paid=False))
    key = OrderLine.objects.get(number=1).pk

    ingest(order(bo, line(quantity=3, discount=70), line(number=3), paid=False))

    assert told_lines() == [(1, "mask", 3, 10_990), (3, "mask", 1, 10_990)]
    assert OrderLine.objects.get(number=1).pk == key
    ingest(order(bo, line("soap", price=2_000)))
    assert told_lines() == [(1, "soap", 1, 2_000)]
    assert amounts() == [("Lan", 200, 200), ("Mei", 100, 100)]


def test_a_cost_that_is_not_told_again_stays(bo: Member) -> None:
    ingest(order(bo, line(unit_cost=3_000), paid=False))

    ingest(order(bo, line(price=9_990)))

    assert OrderLine.objects.get().unit_cost == 3_000


def test_an_unpaid_telling_of_a_paid_order_is_out_of_date(bo: Member) -> None:
    ingest(order(bo, line(price=9_990)))

    ingest(order(bo, paid=False, received_at=PLACED + 3 * DAY))

    assert told_lines() == [(1, "mask", 1, 9_990)]
    assert get_order().received_at == PLACED + 3 * DAY


def test_another_paid_telling_is_a_contradiction(bo: Member) -> None:
    ingest(order(bo))

    error = error_of(order(bo, line(price=9_990)))

    assert isinstance(error, SnapshotConflict)
    assert error.data["field"] == "lines[1].unit_price"
    assert told_lines() == [(1, "mask", 1, 10_990)]


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_highest_revision_of_an_unpaid_order_counts(
    bo: Member, arrival: tuple[int, ...]
) -> None:
    tellings = [order(bo, line(price=9_000 + n), paid=False, revision=n) for n in range(3)]

    for n in arrival:
        ingest(tellings[n])

    assert told_lines() == [(1, "mask", 1, 9_002)]
    assert get_order().revision == 2


def test_a_line_with_a_refund_stays(bo: Member) -> None:
    two = order(bo, line(), line("soap", number=2, price=2_000), paid=False)
    ingest(with_refund(two, refund(100, line=2, done=False)))

    error = error_of(order(bo, paid=False))

    assert isinstance(error, SnapshotConflict)
    assert error.data["field"] == "lines"
    assert OrderLine.objects.count() == 2


def test_unknown_goods_in_a_changed_line_are_refused(bo: Member) -> None:
    ingest(order(bo, paid=False))

    assert error_of(order(bo, line("tea"))).code == "invalid_order"
    assert told_lines() == [(1, "mask", 1, 10_990)]


def test_a_refund_is_renegotiated_until_it_is_done(bo: Member) -> None:
    asked = refund(10_990, done=False)
    ingest(with_refund(order(bo, received=True), asked))

    ingest(with_refund(order(bo), replace(asked, amount=5_000, done_at=asked.requested_at)))

    assert amounts() == [("Lan", 1_099, 599), ("Mei", 549, 299)]
    assert settle_all(at=PLACED + 10 * DAY) == 2
    assert isinstance(error_of(with_refund(order(bo), refund(5_001))), SnapshotConflict)


STATES = {
    "requested": refund(3_000, done=False),
    "approved": refund(4_000, done=False, approved_at=PLACED + 5 * DAY),
    "rejected": refund(5_000, done=False, rejected_at=PLACED + 6 * DAY),
    "done": refund(6_000, done=False, done_at=PLACED + 7 * DAY),
}


@pytest.mark.parametrize("arrival", list(permutations(STATES)))
def test_the_furthest_state_of_a_refund_counts_in_every_order(
    bo: Member, arrival: tuple[str, ...]
) -> None:
    ingest(order(bo))

    for state in arrival:
        ingest(with_refund(order(bo), STATES[state]))

    told = Refund.objects.get()
    assert (told.status, told.amount) == ("done", 6_000)
    assert amounts() == [("Lan", 1_099, 499), ("Mei", 549, 249)]


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_the_highest_revision_of_an_open_refund_counts(
    bo: Member, arrival: tuple[int, ...]
) -> None:
    for n in arrival:
        ingest(with_refund(order(bo), refund(1_000 + n, done=False, revision=n)))

    told = Refund.objects.get()
    assert (told.amount, told.revision) == (1_002, 2)


def test_one_refund_number_goes_over_several_lines(bo: Member) -> None:
    two = order(bo, line(), line("soap", number=2, price=2_000))

    ingest(with_refund(two, refund(990), refund(2_000, line=2)))

    assert [row.remaining_paid for row in OrderLine.objects.order_by("number")] == [10_000, 0]


def test_a_refund_number_belongs_to_one_order_in_the_database(bo: Member) -> None:
    ingest(with_refund(order(bo), refund(100)), order(bo, number="O-2"))
    told = Refund.objects.get()
    told.pk, told.public_id = None, "other"
    told.line = OrderLine.objects.get(order__number="O-2")
    told._state.adding = True

    with pytest.raises(IntegrityError, match="refund number belongs to one order"):
        Refund.objects.bulk_create([told])


@pytest.mark.parametrize(
    ("lines", "refunds", "left"),
    [
        ((line(),), [refund(12_990)], (0, 2_000)),
        ((line(quantity=2, price=4_000),), [(5_000, 2), (3_000, 2)], (0, 0)),
        ((line(shipping=800),), [refund(11_790)], (0, 800)),
        ((line(),), [refund(3_663), (3_663, 0), (3_664, 0)], (0, 0)),
    ],
    ids=["more than was paid", "units named twice", "freight in the amount", "three thirds"],
)
def test_what_is_left_is_never_below_zero(
    bo: Member, lines: tuple[Any, ...], refunds: list[Any], left: tuple[int, int]
) -> None:
    told = order(bo, *lines, received=True)
    for n, row in enumerate(refunds):
        amount, units = row if isinstance(row, tuple) else (row.amount, row.quantity)
        told = with_refund(told, refund(amount, quantity=units, number=f"R-{n}"))
        ingest(told)

    kept = OrderLine.objects.get()
    assert (kept.remaining_paid, kept.compensation) == left
    assert [current for _, _, current in amounts()] == [0, 0]
    assert settle_all(at=PLACED + 60 * DAY) == 0
    assert wallet_balance(Member.objects.get(nickname="Lan")) == 0


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (refund(2 * 11_790 + 1), "refunds[R-1].amount"),
        (refund(0, freight=999_900), "refunds[R-1].freight"),
        (refund(0, freight=801), "refunds[R-1].freight"),
    ],
)
def test_far_more_than_was_paid_is_a_contradiction(bo: Member, told: Any, field: str) -> None:
    ingest(order(bo, line(shipping=800)))

    error = error_of(with_refund(order(bo, line(shipping=800)), told))

    assert isinstance(error, SnapshotConflict)
    assert error.data["field"] == field
    assert not Refund.objects.exists()
    assert amounts() == [("Lan", 1_099, 1_099), ("Mei", 549, 549)]


def test_refunded_freight_reduces_no_commission(bo: Member) -> None:
    told = order(bo, line(shipping=800), received=True)

    ingest(with_refund(told, refund(0, freight=800)))

    assert amounts() == [("Lan", 1_099, 1_099), ("Mei", 549, 549)]
    again = with_refund(told, refund(0, freight=800), refund(0, freight=1, number="R-2"))
    assert error_of(again).data["field"] == "freight"


def test_the_lines_of_a_paid_order_do_not_change_in_the_database(bo: Member) -> None:
    ingest(with_refund(order(bo), refund(100)))

    with pytest.raises(DatabaseError, match="paid order"), transaction.atomic():
        OrderLine.objects.update(unit_price=1)
    with pytest.raises(DatabaseError, match="paid order"), transaction.atomic():
        OrderLine.objects.all()._raw_delete(using="default")  # type: ignore[attr-defined]
    with pytest.raises(DatabaseError, match="done does not change"), transaction.atomic():
        Refund.objects.update(amount=1)
    assert (Order.objects.count(), Commission.objects.count()) == (1, 2)
