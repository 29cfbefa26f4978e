"""Orders are completed after their protection, and then count for their buyers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from distribution.models import PurchaseTotals
from members.models import Member
from orders.services import complete
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
