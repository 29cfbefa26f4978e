"""Whether the buyers whom distributors brought buy again."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from integration.merges import merge_members, propose_merge
from members.models import Member
from reports.folding.buyers import fold_buyers
from reports.funnels import average_retention, cohorts
from reports.models import BuyerChange, BuyerMonth, Retention
from reports.services import differences
from reports.spans import Span
from tests.cast import CLOCK, give, member, staff
from tests.reports.folding import fold_all
from tests.shop import DAY, PLACED, ingest, make_referral, open_shop, order

pytestmark = pytest.mark.django_db
MONTH = 30 * DAY
QUARTER = Span(date(2026, 11, 1), date(2027, 1, 31))
NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


def found(span: Span = QUARTER) -> list[tuple[date, int, list[int]]]:
    fold_all()
    return [(row.month, row.buyers, [part for part, _ in row.later]) for row in cohorts(span)]


@pytest.fixture
def bo(db: None) -> Member:
    """Bought in November."""
    buyer = open_shop()
    ingest(order(buyer))
    return buyer


def test_a_buyer_who_comes_back_counts_once_a_month(bo: Member) -> None:
    hua = member("Hua")
    make_referral(Member.objects.get(nickname="Lan"), hua)
    ingest(
        order(hua, number="O-2"),
        order(bo, number="O-3", placed_at=PLACED + MONTH),
        order(bo, number="O-4", placed_at=PLACED + MONTH + DAY),
    )

    assert found() == [(NOVEMBER, 2, [2, 1, 0])]
    [row] = cohorts(QUARTER)
    assert row.later == [(2, 2), (1, 2), (0, 0)]
    assert row.rates() == [10_000, 5_000, 0]
    assert differences() == []


def test_the_average_takes_those_months_that_are_old_enough(bo: Member) -> None:
    hua = member("Hua")
    make_referral(Member.objects.get(nickname="Lan"), hua)
    ingest(
        order(bo, number="O-2", placed_at=PLACED + MONTH),
        order(hua, number="O-3", placed_at=PLACED + MONTH),
        order(bo, number="O-4", placed_at=PLACED + 2 * MONTH),
    )

    assert found() == [(NOVEMBER, 1, [1, 1, 1]), (DECEMBER, 1, [1, 0])]
    assert average_retention(cohorts(QUARTER)) == [10_000, 5_000, 10_000]


def test_a_late_order_moves_the_month_in_which_a_buyer_was_brought(bo: Member) -> None:
    ingest(order(bo, number="O-2", placed_at=PLACED + MONTH))
    assert found() == [(NOVEMBER, 1, [1, 1, 0])]

    lan = Member.objects.get(nickname="Lan")
    wu = member("Wu")
    make_referral(lan, wu)
    ingest(order(wu, number="O-5", placed_at=PLACED + MONTH))
    assert found() == [(NOVEMBER, 1, [1, 1, 0]), (DECEMBER, 1, [1, 0])]
    ingest(order(wu, number="O-6"))

    assert found() == [(NOVEMBER, 2, [2, 2, 0])]
    assert differences() == []


def test_an_unpaid_order_and_one_without_an_upline_bring_nobody(bo: Member) -> None:
    hua = member("Hua")
    make_referral(Member.objects.get(nickname="Lan"), hua)
    ingest(order(member("Chen"), number="O-2"), order(hua, number="O-3", paid=False))

    assert found() == [(NOVEMBER, 1, [1, 0, 0])]


def test_orders_before_a_buyer_was_brought_do_not_count(db: None) -> None:
    open_shop()
    chen = member("Chen")
    ingest(order(chen))
    make_referral(Member.objects.get(nickname="Lan"), chen, at=PLACED + DAY)
    ingest(order(chen, number="O-2", placed_at=PLACED + MONTH))

    assert found() == [(DECEMBER, 1, [1, 0])]
    assert differences() == []


def test_merged_members_are_one_buyer(bo: Member) -> None:
    hua = member("Hua")
    make_referral(Member.objects.get(nickname="Lan"), hua)
    ingest(order(hua, number="O-2"), order(hua, number="O-3", placed_at=PLACED + MONTH))
    assert found() == [(NOVEMBER, 2, [2, 1, 0])]

    proposal = propose_merge(
        merged=hua, survivor=bo, reason="same phone", by=give(staff("Qian"), "propose_merge"),
        at=CLOCK,
    )  # fmt: skip
    merge_members(proposal=proposal, by=give(staff("Feng"), "decide_merge"), at=CLOCK)

    assert found() == [(NOVEMBER, 1, [1, 1, 0])]
    assert differences() == []


def test_marks_are_folded_in_pieces_and_only_once(bo: Member) -> None:
    for number in range(3):
        ingest(order(bo, number=f"N-{number}", placed_at=PLACED + number * MONTH))
    while fold_buyers(limit=1):
        assert differences() == []

    assert not BuyerChange.objects.exists()
    assert found() == [(NOVEMBER, 1, [1, 1, 1])]


def test_a_changed_row_is_found(bo: Member) -> None:
    fold_all()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_retention SET buyers = 7")
    assert [text.split(":")[0] for text in differences()] == [
        "retention of cohort 2026-11-01, 2026-11"
    ]

    Retention.objects.update(buyers=1)
    BuyerMonth.objects.update(orders=9)
    assert len(differences()) == 2  # the month, and the sum of it
