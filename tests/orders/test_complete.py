"""Orders are completed after their protection, and then count for their buyers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from alarms.models import Alarm
from distribution.models import PurchaseTotals
from members.models import Member
from orders.models import Order
from orders.services import alarm_waiting_orders, complete
from tests.shop import DAY, PLACED, WEEK, get_order, ingest, order, refund, sku, with_refund

RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mask(db: None) -> None:
    sku()


def purchase_totals(buyer: Member) -> tuple[int, int]:
    totals = PurchaseTotals.objects.get(member=buyer)
    return totals.protected_spend, totals.protected_orders


def test_after_its_protection_an_order_is_completed_and_counts(bo: Member) -> None:
    ingest(order(bo, received=True))
    assert purchase_totals(bo) == (0, 0)

    assert complete(at=RELEASED - DAY) == 0
    assert complete(at=RELEASED) == 1
    assert complete(at=RELEASED) == 0

    assert get_order().status == "completed"
    assert purchase_totals(bo) == (10_990, 1)


def test_refunded_amounts_do_not_count(bo: Member) -> None:
    ingest(with_refund(order(bo, received=True), refund(990)))
    ingest(with_refund(order(bo, number="O-2", received=True),
                    refund(10_990, quantity=1, number="R-2")))  # fmt: skip

    while complete(at=RELEASED, limit=1):
        pass

    assert purchase_totals(bo) == (10_000, 1)


def test_a_later_refund_is_subtracted(bo: Member) -> None:
    ingest(order(bo, received=True))
    complete(at=RELEASED)

    ingest(with_refund(order(bo, received=True), refund(990, at=RELEASED + DAY)))

    assert purchase_totals(bo)[0] == 10_000


def test_an_open_refund_delays_completion(bo: Member) -> None:
    asked = refund(990, done=False)
    ingest(with_refund(order(bo, received=True), asked))
    assert complete(at=RELEASED) == 0

    ingest(with_refund(order(bo, received=True), replace(asked, withdrawn_at=RELEASED)))

    assert complete(at=RELEASED) == 1


def test_an_unpaid_order_is_never_completed(bo: Member) -> None:
    ingest(order(bo, paid=False, received_at=PLACED))

    assert complete(at=RELEASED) == 0


def test_the_time_of_the_last_order_is_set_at_placement(bo: Member) -> None:
    ingest(order(bo, number="O-2", placed_at=PLACED + DAY))
    ingest(order(bo))

    assert PurchaseTotals.objects.get(member=bo).last_order_at == PLACED + DAY


def test_an_order_refunded_in_full_no_longer_counts(bo: Member) -> None:
    ingest(order(bo, received=True))
    complete(at=RELEASED)

    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1, at=RELEASED + DAY)))

    assert purchase_totals(bo) == (0, 0)


def test_an_order_that_cannot_be_completed_stops_no_other(bo: Member, lan: Member) -> None:
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(3)))
    ingest(order(lan, number="O-9", received=True))
    PurchaseTotals.objects.filter(member=lan).update(protected_spend=2**63 - 1)

    assert complete(at=RELEASED) == 4
    assert complete(at=RELEASED) == 0

    assert purchase_totals(bo) == (3 * 10_990, 3)
    assert Order.objects.get(completed_at=None).number == "O-9"
    alarm_waiting_orders(at=RELEASED)
    assert Alarm.objects.values_list("kind", "detail").get() == (
        "orders_not_completed",
        {"count": 1},
    )

    PurchaseTotals.objects.filter(member=lan).update(protected_spend=0)
    hour_later = RELEASED + timedelta(hours=1)
    assert complete(at=hour_later) == 1
    alarm_waiting_orders(at=hour_later)
    assert not Alarm.objects.exclude(status="closed").exists()
