"""Orders count as received some days after they were shipped, if the policy says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from commissions.models import Commission
from distribution.models import PurchaseTotals
from events.models import Event
from members.models import Member
from orders.models import Order, Policy
from orders.services import alarm_waiting_orders, assume_receipts, complete
from orders.snapshots import OrderSnapshot
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    open_shop,
    order,
    settle_all,
    wallet_balance,
)

SHIPPED = PLACED + DAY
ASSUMED = SHIPPED + 15 * DAY
RELEASED = ASSUMED + WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture
def shipped(db: None) -> OrderSnapshot:
    """Bo's order, shipped a day after it was placed; the policy assumes a receipt in 15 days."""
    bo = open_shop()
    Policy.objects.update(assumed_receipt_days=15)
    snapshot = order(bo, shipped_at=SHIPPED)
    ingest(snapshot)
    return snapshot


@pytest.fixture
def lan(shipped: OrderSnapshot) -> Member:
    return Member.objects.get(nickname="Lan")


def releases() -> set[datetime | None]:
    return {
        get_order().release_at,
        *Commission.objects.values_list("release_at", flat=True),
        *Commission.objects.values_list("due_credit__release_at", flat=True),
    }


def test_an_order_counts_as_received_after_the_days_of_the_policy(
    shipped: OrderSnapshot, lan: Member
) -> None:
    assert assume_receipts(at=ASSUMED - DAY) == 0
    assert assume_receipts(at=ASSUMED) == 1
    assert assume_receipts(at=ASSUMED) == 0

    found = get_order()
    assert (found.received_at, found.assumed_received_at) == (None, ASSUMED)
    assert (found.status, releases()) == ("received", {RELEASED})
    assert settle_all(at=RELEASED) == 2
    assert wallet_balance(lan) == 1_099
    assert complete(at=RELEASED) == 1
    assert PurchaseTotals.objects.get(member__nickname="Bo").protected_orders == 1
    assert Event.objects.filter(name="orders.receipt_assumed").count() == 1


def test_by_default_it_only_raises_an_alarm(shipped: OrderSnapshot) -> None:
    Policy.objects.update(assumed_receipt_days=None)

    assert assume_receipts(at=ASSUMED + 365 * DAY) == 0
    alarm_waiting_orders(at=ASSUMED + 365 * DAY)

    assert get_order().assumed_received_at is None
    assert [row[5] for row in commissions()] == ["pending", "pending"]


@pytest.mark.parametrize(
    ("received", "released"),
    [(SHIPPED + 2 * DAY, SHIPPED + 2 * DAY + WEEK), (ASSUMED + DAY, ASSUMED + DAY + WEEK)],
    ids=["earlier", "later"],
)
def test_a_receipt_counts_instead_while_the_protection_lasts(
    shipped: OrderSnapshot, received: datetime, released: datetime
) -> None:
    assume_receipts(at=ASSUMED)

    ingest(replace(shipped, received_at=received), at=ASSUMED + 2 * DAY)

    assert (get_order().received_at, get_order().assumed_received_at) == (received, ASSUMED)
    assert releases() == {released}


def test_a_receipt_that_is_told_after_the_protection_changes_nothing(
    shipped: OrderSnapshot, lan: Member
) -> None:
    assume_receipts(at=ASSUMED)
    settle_all(at=RELEASED)

    ingest(replace(shipped, received_at=RELEASED + DAY), at=RELEASED + DAY)

    assert get_order().release_at == RELEASED
    assert [row[5] for row in commissions()] == ["credited", "credited"]
    assert wallet_balance(lan) == 1_099


@pytest.mark.parametrize(
    "told",
    [{"received_at": SHIPPED + DAY}, {"closed_at": SHIPPED + DAY}, {"shipped_at": None}],
    ids=["received", "closed", "not shipped"],
)
def test_no_receipt_is_assumed_of_other_orders(
    shipped: OrderSnapshot, told: dict[str, datetime | None]
) -> None:
    ingest(replace(shipped, number="O-2", **told))

    assert assume_receipts(at=ASSUMED) == 1
    assert get_order("O-2").assumed_received_at is None


@pytest.mark.parametrize(
    "values",
    [
        {"assumed_received_at": ASSUMED + DAY},
        {"assumed_received_at": None},
        {"release_at": RELEASED - DAY},
    ],
    ids=["changed", "removed", "released earlier"],
)
def test_the_database_keeps_an_assumed_receipt(
    shipped: OrderSnapshot, values: dict[str, datetime | None]
) -> None:
    assume_receipts(at=ASSUMED)

    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.update(**values)

    assert releases() == {RELEASED}
