"""What counts as own sales: Lan's friends buy, and she wants to rise."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.clock import business_day
from distribution.models import Distributor
from incentives.ladder.figures import figures_of, load_ladder
from incentives.ladder.rules import Figures
from incentives.ladder.windows import spans_of
from integration.merges import merge_members, propose_merge
from members.models import Member, User
from orders.services import complete
from risk.models import Hold, RuleName
from risk.services import release
from tests.cast import CLOCK, NOON, give, member, staff
from tests.incentives.levels.ladder import RELEASED, YUAN, asks, level, sold
from tests.risk.shop import PHONE, place_order, screened_for
from tests.shop import (
    DAY,
    distributor,
    ingest,
    line,
    make_referral,
    order,
    refund,
    with_refund,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ladder(bo: Member) -> None:
    for rank, window in enumerate(("days_30", "days_90", "month", "quarter", "year"), start=1):
        asks(level(window, rank), window, min_sales=1)


def figures(
    who: Member, window: str = "days_30", *, at: datetime = RELEASED, before: bool = False
) -> Figures:
    """Return the figures in the running span of a window, or in the one before it."""
    key = Distributor.objects.get(member=who).pk
    span = spans_of(window, business_day(at))[int(before)]
    return figures_of([key], load_ladder(), at=at)[key].get(span, Figures())


@pytest.mark.slow
def test_completed_orders_of_the_own_team_count_once(
    bo: Member, dan: Member, lan: Member, mei: Member
) -> None:
    for buyer, yuan in ((bo, 100), (bo, 20), (dan, 3)):
        sold(buyer, yuan)

    assert figures(lan) == Figures(123 * YUAN, orders=3, buyers=2)
    # Tier 2 is never counted: those are Lan's sales.
    assert figures(mei) == Figures()


def test_an_order_that_is_not_completed_does_not_count(bo: Member, lan: Member) -> None:
    sold(bo, 100, done=False)

    assert figures(lan) == Figures()


@pytest.mark.slow
def test_what_was_refunded_does_not_count(bo: Member, lan: Member) -> None:
    whole = order(bo, line(price=50 * YUAN), number="O-1", received=True)
    sold(bo, 100, number="O-2")
    ingest(whole)
    part = order(bo, line(price=100 * YUAN), number="O-2", received=True)
    ingest(with_refund(part, refund(30 * YUAN)), at=RELEASED)
    ingest(with_refund(whole, refund(50 * YUAN, number="R-2")), at=RELEASED)

    assert figures(lan) == Figures(70 * YUAN, orders=1, buyers=1)


@pytest.mark.slow
def test_own_purchases_of_a_distributor_never_count(lan: Member, mei: Member) -> None:
    sold(lan, 100)

    assert figures(lan) == Figures()
    assert figures(mei) == Figures(100 * YUAN, 1, 1)


@pytest.mark.slow
def test_rolling_days_count_by_completion(bo: Member, lan: Member) -> None:
    sold(bo, 100)

    assert figures(lan, at=RELEASED - DAY) == Figures()
    assert figures(lan, at=RELEASED + 29 * DAY) == Figures(100 * YUAN, 1, 1)
    assert figures(lan, at=RELEASED + 30 * DAY) == Figures()
    assert figures(lan, "days_90", at=RELEASED + 30 * DAY) == Figures(100 * YUAN, 1, 1)


@pytest.mark.slow
def test_a_calendar_period_counts_by_payment(bo: Member, lan: Member) -> None:
    """Paid at the last minute of November and completed in December: November's."""
    last = datetime.fromisoformat("2026-11-30T23:58:00+08:00")  # paid a minute later
    sold(bo, 100, placed_at=last)
    december = last + 11 * DAY

    assert figures(lan, "month", at=december) == Figures()
    assert figures(lan, "month", at=december, before=True) == Figures(100 * YUAN, 1, 1)
    assert figures(lan, "quarter", at=december) == Figures(100 * YUAN, 1, 1)
    assert figures(lan, "year", at=december) == Figures(100 * YUAN, 1, 1)
    assert figures(lan, "year", at=december + 365 * DAY, before=True).orders == 1


@pytest.mark.slow
def test_an_order_under_a_risk_hold_waits(bo: Member, lan: Member, qian: User) -> None:
    place_order(lan, "LAN", contact=PHONE)
    screened_for(RuleName.SHARED_PHONE)
    sold(bo, 100)
    held = order(bo, line(price=20 * YUAN), number="H-1", received=True, contact=PHONE)
    ingest(held)
    while complete(at=RELEASED):
        pass
    assert figures(lan) == Figures(100 * YUAN, 1, 1)

    for hold in Hold.objects.all():
        release(hold=hold, by=qian, at=RELEASED, reason="一家人")

    assert figures(lan) == Figures(120 * YUAN, 2, 1)


@pytest.mark.slow
def test_the_orders_of_a_merged_member_are_the_survivors(bo: Member, lan: Member) -> None:
    """Lan sold to Bo, then goes on as Lin; Bea is another account of Bo's."""
    bea = member("Bea")
    make_referral(lan, bea)
    sold(bo, 100)
    sold(bea, 20)
    lin = member("Lin")
    distributor(lin)

    merge(bea, bo)
    assert figures(lan) == Figures(120 * YUAN, 2, 1)
    merge(lan, lin)

    assert figures(lin) == Figures(120 * YUAN, 2, 1)


@pytest.mark.slow
def test_an_order_of_the_same_person_does_not_count(bo: Member, lan: Member) -> None:
    """Bo turns out to be Lan herself."""
    sold(bo, 100)

    merge(bo, lan)

    assert figures(lan) == Figures()


def merge(merged: Member, survivor: Member) -> None:
    at = CLOCK
    proposal = propose_merge(
        merged=merged, survivor=survivor, reason="同一个人", at=at,
        by=give(staff("Qian"), "propose_merge"),
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=at)


@pytest.mark.slow
def test_all_distributors_and_windows_cost_one_query(bo: Member, lan: Member, mei: Member) -> None:
    sold(bo, 100)
    keys = list(Distributor.objects.values_list("pk", flat=True))
    ladder = load_ladder()

    with CaptureQueriesContext(connection) as seen:
        found = figures_of(keys, ladder, at=RELEASED)

    assert (len(keys), len(seen)) == (2, 1)
    assert {key for key, spans in found.items() if spans} == {lan.distributor.pk}


def test_without_a_ladder_nothing_is_read(lan: Member) -> None:
    key = lan.distributor.pk
    with CaptureQueriesContext(connection) as seen:
        assert not figures_of([key], (), at=NOON)
    assert len(seen) == 0
