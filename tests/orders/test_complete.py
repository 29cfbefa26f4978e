"""Orders are completed once protected, and count for their buyers then."""

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


def standing(who: Member) -> tuple[int, int]:
    kept = PurchaseTotals.objects.get(member=who)
    return kept.protected_spend, kept.protected_orders


def test_after_the_protection_it_is_completed_and_counts(bo: Member) -> None:
    ingest(order(bo, received=True))
    assert standing(bo) == (0, 0)

    assert complete(at=RELEASED - DAY) == 0
    assert complete(at=RELEASED) == 1
    assert complete(at=RELEASED) == 0

    assert get_order().status == "completed"
    assert standing(bo) == (10_990, 1)


def test_what_was_given_back_does_not_count(bo: Member) -> None:
    ingest(with_refund(order(bo, received=True), refund(990)))
    ingest(with_refund(order(bo, number="O-2", received=True),
                    refund(10_990, quantity=1, number="R-2")))  # fmt: skip

    while complete(at=RELEASED, limit=1):
        pass

    assert standing(bo) == (10_000, 1)


def test_what_is_given_back_later_is_taken_off(bo: Member) -> None:
    ingest(order(bo, received=True))
    complete(at=RELEASED)

    ingest(with_refund(order(bo, received=True), refund(990, at=RELEASED + DAY)))

    assert standing(bo)[0] == 10_000


def test_an_open_after_sale_delays_it(bo: Member) -> None:
    asked = refund(990, done=False)
    ingest(with_refund(order(bo, received=True), asked))
    assert complete(at=RELEASED) == 0

    ingest(with_refund(order(bo, received=True), replace(asked, withdrawn_at=RELEASED)))

    assert complete(at=RELEASED) == 1


def test_what_nobody_paid_for_is_never_completed(bo: Member) -> None:
    ingest(order(bo, paid=False, received_at=PLACED))

    assert complete(at=RELEASED) == 0


def test_the_last_order_is_noted_when_it_is_placed(bo: Member) -> None:
    ingest(order(bo, number="O-2", placed_at=PLACED + DAY))
    ingest(order(bo))

    assert PurchaseTotals.objects.get(member=bo).last_order_at == PLACED + DAY


def test_an_order_of_which_nothing_is_left_counts_no_more(bo: Member) -> None:
    ingest(order(bo, received=True))
    complete(at=RELEASED)

    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1, at=RELEASED + DAY)))

    assert standing(bo) == (0, 0)
