"""Times that cannot be true are refused, so that no protection is skipped or lasts for decades."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from commissions.models import Commission, DueCredit
from members.models import Member
from orders.intake import ImplausibleTime, ingest_orders
from orders.models import Order
from tests.cast import CLOCK
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    get_order,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db

SWAPPED = datetime(2026, 5, 11, tzinfo=UTC)
"""5 November, with day and month swapped."""


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ({"received_at": SWAPPED}, ["received_at", "2026-05-11", "2026-11-02"]),
        ({"received_at": datetime(1990, 1, 1, tzinfo=UTC)}, ["received_at", "1990", "2026-11-02"]),
        ({"received_at": datetime(2062, 1, 1, tzinfo=UTC)}, ["received_at", "2062", "2027-11-01"]),
        ({"closed_at": CLOCK + 2 * DAY}, ["closed_at", "2027-11-03", "2027-11-01"]),
        ({"paid_at": PLACED - 2 * DAY}, ["paid_at", "2026-10-31", "2026-11-02"]),
        ({"placed_at": datetime(2190, 1, 1, tzinfo=UTC)}, ["placed_at", "2190", "2027-11-01"]),
        (
            {"refunds": (refund(1_000, at=PLACED - 2 * DAY),)},
            ["refunds[R-1].requested_at", "2026-10-31", "2026-11-02"],
        ),
    ],
)
def test_an_implausible_time_is_refused_and_both_times_are_named(
    bo: Member, times: dict[str, Any], words: list[str]
) -> None:
    told = replace(order(bo, paid="placed_at" not in times), **times)

    (result,) = ingest_orders([told], at=PLACED, clock=CLOCK)

    assert isinstance(result.error, ImplausibleTime)
    assert all(word in str(result.error) for word in words), str(result.error)
    assert not Order.objects.exists()
    assert settle_all(at=CLOCK + 9_000 * DAY) == 0


def test_a_correction_is_taken_after_an_implausible_time(bo: Member) -> None:
    ingest(order(bo))
    ingest_orders([order(bo, received_at=SWAPPED)], at=PLACED, clock=CLOCK)

    ingest(order(bo, received=True))

    assert get_order().received_at == PLACED + 3 * DAY
    assert settle_all(at=PLACED + 10 * DAY - timedelta(seconds=1)) == 0
    assert settle_all(at=PLACED + 10 * DAY) == 2


def test_clocks_may_differ_by_a_day(bo: Member) -> None:
    ingest(
        with_refund(
            order(bo, paid_at=PLACED - DAY, received_at=CLOCK + DAY),
            refund(1_000, at=PLACED - DAY),
        )
    )

    assert get_order().received_at == CLOCK + DAY


@pytest.mark.parametrize(
    ("paid_at", "received_at", "start"),
    [
        (PLACED + DAY, PLACED + 3 * DAY, PLACED + 3 * DAY),
        (PLACED + 5 * DAY, PLACED + 3 * DAY, PLACED + 5 * DAY),
        (PLACED - timedelta(hours=1), PLACED - timedelta(hours=2), PLACED),
    ],
    ids=["received last", "paid last", "placed last"],
)
@pytest.mark.parametrize("received_first", [True, False])
def test_protection_counts_from_the_latest_time(
    bo: Member, paid_at: datetime, received_at: datetime, start: datetime, received_first: bool
) -> None:
    known = {"received_at": received_at} if received_first else {"paid_at": paid_at}
    ingest(order(bo, paid=False, **known))
    assert get_order().release_at is None

    ingest(order(bo, paid_at=paid_at, received_at=received_at))

    assert get_order().release_at == start + WEEK
    assert set(Commission.objects.values_list("release_at", flat=True)) == {start + WEEK}
    assert set(DueCredit.objects.values_list("release_at", flat=True)) == {start + WEEK}


def test_the_database_refuses_another_end_of_protection(bo: Member) -> None:
    ingest(order(bo))

    with pytest.raises(IntegrityError, match="order_release_ends_protection"), transaction.atomic():
        Order.objects.update(
            received_at=PLACED + 3 * DAY, protection_days=7, release_at=PLACED + 4 * DAY
        )
    with pytest.raises(IntegrityError, match="order_release_ends_protection"), transaction.atomic():
        Order.objects.update(received_at=PLACED + 3 * DAY, protection_days=7)
    with pytest.raises(IntegrityError, match="fixed_at_receipt"), transaction.atomic():
        Order.objects.update(received_at=PLACED + 3 * DAY)
