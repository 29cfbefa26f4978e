"""What was in protection at the end of a past day is what the commissions said on that day."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Sum
from django.test import Client

from closing.liability import protected
from closing.protection import protected_at
from commissions.models import Commission
from common import clock
from common.clock import business_day
from ledger.chart import Asset
from members.models import User
from tests.cast import give
from tests.reports.folding import fold_all
from tests.shop import (
    DAY,
    PLACED,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db
LAST = 16


def in_protection() -> int:
    rows = Commission.objects.filter(asset=Asset.CASH, status=Commission.Status.PROTECTED)
    return int(rows.aggregate(sum=Sum("current", default=0))["sum"])


def play() -> dict[date, int]:
    """Play two weeks and return what was in protection at the end of each day.

    O-1 is refunded twice before its credit, O-2 before and after it; O-3 is exchanged; O-4 is paid
    and never received; O-5 is received late and still protected in the end.
    """
    bo = open_shop()
    first = order(bo, line(quantity=2), number="O-1")
    second = order(bo, line(quantity=3), number="O-2")
    third, fourth = order(bo, number="O-3"), order(bo, line(quantity=7), number="O-4")
    got = {"received": True}
    first_got = order(bo, line(quantity=2), number="O-1", **got)
    second_got = order(bo, line(quantity=3), number="O-2", **got)
    third_got = order(bo, number="O-3", **got)
    first_back = with_refund(first_got, refund(1_500, number="R-1", at=PLACED + 4 * DAY))
    second_back = with_refund(
        second_got, refund(10_990, quantity=1, number="R-2", at=PLACED + 6 * DAY)
    )
    exchange = refund(0, quantity=1, number="R-3", at=PLACED + 5 * DAY, kind="exchange")
    fifth = order(bo, number="O-5", received_at=PLACED + 12 * DAY)
    late = refund(10_990, quantity=1, number="R-5", at=PLACED + 12 * DAY)
    steps = {
        0: [first, second, third, fourth],
        3: [first_got, second_got, third_got],
        4: [first_back],
        5: [with_refund(third_got, exchange)],
        6: [second_back],
        8: [with_refund(first_back, refund(9_990, number="R-4", at=PLACED + 8 * DAY))],
        12: [with_refund(second_back, late), fifth],
    }
    seen = {}
    for day in range(LAST):
        at = PLACED + day * DAY
        ingest(*steps.get(day, []), at=at)
        settle_all(at=at)
        seen[business_day(at)] = in_protection()
    return seen


def test_each_past_day_is_as_it_was() -> None:
    seen = play()

    assert len(set(seen.values())) >= 6  # the story has something to tell
    assert {day: protected_at(day) for day in seen} == seen


def test_the_present_day_is_the_sum_of_today() -> None:
    seen = play()
    fold_all()

    assert protected_at(max(seen)) == protected() == in_protection() > 0


def test_a_receipt_that_is_told_late_counts_from_its_own_time() -> None:
    bo = open_shop()
    ingest(order(bo), at=PLACED)
    ingest(order(bo, received=True), at=PLACED + 5 * DAY)  # on the third day

    days = [protected_at(business_day(PLACED + number * DAY)) for number in (2, 3, 4)]
    assert days == [0, in_protection(), in_protection()]
    assert in_protection() > 0


def test_nothing_was_protected_before_the_shop_opened() -> None:
    play()

    assert protected_at(business_day(PLACED - DAY)) == 0


def test_the_page_shows_a_past_day(
    as_qian: Client, qian: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = play()
    monkeypatch.setattr(clock, "now", lambda: PLACED + LAST * DAY)
    day = business_day(PLACED + 5 * DAY)
    give(qian, "view_account")

    page = as_qian.get("/admin/liability/", {"day": day.isoformat()}).content.decode()

    assert "保护期内佣金" in page
    assert f"¥{seen[day] / 100:,.2f}" in page
