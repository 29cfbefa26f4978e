"""Orders that nobody receives, and closed ones that nobody decides about, raise an alarm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alarms.models import Alarm
from members.models import Member
from orders.services import alarm_waiting_orders
from tests.shop import DAY, PLACED, ingest, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db

SHIPPED = {"shipped_at": PLACED + DAY}
CLOSED = {"closed_at": PLACED + 4 * DAY}
MONTH = timedelta(days=30)


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def unclosed() -> list[tuple[str, dict[str, int]]]:
    return list(Alarm.objects.unclosed().order_by("kind").values_list("kind", "detail"))


def test_an_order_shipped_and_not_received_raises_one_alarm(bo: Member) -> None:
    ingest(
        order(bo, **SHIPPED),
        order(bo, number="O-2", **SHIPPED),
        order(bo, number="received", received=True, **SHIPPED),
        order(bo, number="closed unpaid", paid=False, **SHIPPED, **CLOSED),
        order(bo, number="not shipped"),
    )

    alarm_waiting_orders(at=PLACED + DAY + MONTH - timedelta(seconds=1))
    assert unclosed() == []
    alarm_waiting_orders(at=PLACED + DAY + MONTH)
    alarm_waiting_orders(at=PLACED + 2 * MONTH)

    assert unclosed() == [("receipts_overdue", {"count": 2})]


def test_the_alarm_closes_when_the_orders_are_received(bo: Member) -> None:
    ingest(order(bo, **SHIPPED))
    alarm_waiting_orders(at=PLACED + 2 * MONTH)

    ingest(order(bo, received=True, **SHIPPED))
    alarm_waiting_orders(at=PLACED + 2 * MONTH)

    assert unclosed() == []


def test_a_closed_order_with_goods_left_raises_an_alarm(bo: Member) -> None:
    ingest(order(bo, received=True, **CLOSED), order(bo, number="O-2", paid=False, **CLOSED))

    alarm_waiting_orders(at=PLACED + 5 * DAY)
    assert unclosed() == [("closures_undecided", {"count": 1})]

    ingest(with_refund(order(bo), refund(10_990)))
    alarm_waiting_orders(at=PLACED + 5 * DAY)
    assert unclosed() == []
