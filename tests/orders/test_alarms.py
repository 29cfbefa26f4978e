"""A refund that is approved and not made raises an alarm, once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from events.models import Event
from members.models import Member
from orders.services import alarm_overdue_refunds
from tests.shop import DAY, PLACED, WEEK, ingest, order, refund, sku, with_refund

pytestmark = pytest.mark.django_db

APPROVED = PLACED + 4 * DAY


@pytest.fixture(autouse=True)
def three_refunds(bo: Member) -> None:
    sku()
    facts = order(bo)
    asked = [refund(10, number=f"R-{n}", done=False) for n in (1, 2, 3)]
    ingest(
        with_refund(
            facts,
            asked[0],
            replace(asked[1], approved_at=APPROVED),
            replace(asked[2], approved_at=APPROVED, done_at=APPROVED),
        )
    )


def test_only_what_is_approved_and_undone_for_days_raises_it() -> None:
    assert alarm_overdue_refunds(at=APPROVED + 6 * DAY) == 0
    assert alarm_overdue_refunds(at=APPROVED + WEEK) == 1

    (fact,) = Event.objects.filter(name="orders.refund_overdue")
    assert fact.at == APPROVED + WEEK


def test_it_is_raised_once() -> None:
    alarm_overdue_refunds(at=APPROVED + WEEK)

    assert alarm_overdue_refunds(at=APPROVED + 2 * WEEK) == 0
