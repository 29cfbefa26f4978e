"""A refund that was approved and not done raises one alarm."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import DatabaseError, transaction

from events.models import Event
from members.models import Member
from orders.models import Refund
from orders.services import alarm_overdue_refunds
from tests.shop import DAY, PLACED, WEEK, ingest, order, refund, sku, with_refund

pytestmark = pytest.mark.django_db

APPROVED = PLACED + 4 * DAY


@pytest.fixture(autouse=True)
def three_refunds(bo: Member) -> None:
    sku()
    snapshot = order(bo)
    asked = [refund(10, number=f"R-{n}", done=False) for n in (1, 2, 3)]
    ingest(
        with_refund(
            snapshot,
            asked[0],
            replace(asked[1], approved_at=APPROVED),
            replace(asked[2], approved_at=APPROVED, done_at=APPROVED),
        )
    )


def test_only_an_approved_refund_overdue_for_days_raises_an_alarm() -> None:
    assert alarm_overdue_refunds(at=APPROVED + 6 * DAY) == 0
    assert alarm_overdue_refunds(at=APPROVED + WEEK) == 1

    (event,) = Event.objects.filter(name="orders.refund_overdue")
    assert event.at == APPROVED + WEEK


def test_the_alarm_is_raised_once() -> None:
    alarm_overdue_refunds(at=APPROVED + WEEK)

    assert alarm_overdue_refunds(at=APPROVED + 2 * WEEK) == 0


def test_the_alarm_is_a_column_that_is_set_once() -> None:
    alarm_overdue_refunds(at=APPROVED + WEEK)

    assert Refund.objects.get(number="R-2").overdue_alerted_at == APPROVED + WEEK
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Refund.objects.update(overdue_alerted_at=None)
