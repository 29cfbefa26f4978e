"""The figures of distributors follow every change of a commission, and add up to the rows.

Bo buys a mask for 109.90: Lan earns 10.99 and Mei 5.49.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from commissions.services import accept_conflicts
from distribution.models import Distributor
from orders.intake import ingest_orders
from orders.models import OrderConflict
from reports.leaderboard import leaderboard, own_place
from reports.queries import Figures, earnings, workspace
from reports.services import differences
from tests.cast import CLOCK, NOON, give, staff
from tests.reports.folding import fold_all
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    with_refund,
)

pytestmark = pytest.mark.django_db
QUERIES = 13


def of(name: str) -> Distributor:
    return Distributor.objects.get(member__nickname=name)


def seen(name: str, at=PLACED) -> Figures:
    return workspace(distributor=of(name), at=at).life


@pytest.mark.parametrize("folded", [False, True])
def test_a_sale_is_seen_before_and_after_it_is_folded(folded: bool) -> None:
    bo = open_shop()
    ingest(order(bo))
    if folded:
        fold_all()

    lan, mei = (workspace(distributor=of(name), at=PLACED) for name in ("Lan", "Mei"))

    assert lan.today == Figures(orders=1, sales=10_990, income=1_099)
    assert lan.life == Figures(orders=1, sales=10_990, income=1_099, pending=1_099)
    assert mei.today == Figures(team_orders=1, team_sales=10_990, team_income=549)
    assert lan.yesterday == Figures()
    assert lan.month == lan.today
    assert (lan.rank, mei.rank) == (1 if folded else None, None)
    assert differences() == []


def test_an_order_passes_through_the_states() -> None:
    bo = open_shop()
    ingest(order(bo))
    fold_all()

    ingest(order(bo, received=True))
    assert seen("Lan").protected == 1_099
    assert workspace(distributor=of("Lan"), at=PLACED + 4 * DAY).releasing == [
        (date(2026, 11, 12), 1_099)
    ]
    fold_all()
    settle_all(at=PLACED + 3 * DAY + WEEK)

    lan = workspace(distributor=of("Lan"), at=PLACED + 3 * DAY + WEEK)
    assert lan.life == Figures(orders=1, sales=10_990, income=1_099, credited=1_099)
    assert (lan.balance, lan.releasing) == (1_099, [])
    assert lan.today == Figures()
    assert differences() == []


def test_a_refund_lowers_the_day_of_the_order() -> None:
    bo = open_shop()
    ingest(order(bo, line(quantity=2)))
    fold_all()

    ingest(with_refund(order(bo, line(quantity=2)), refund(10_990, quantity=1)))

    ((day, figures),) = earnings(
        distributor=of("Lan"), period="day", first=date(2026, 11, 1), last=date(2026, 11, 30)
    )
    assert day == date(2026, 11, 2)
    assert figures == Figures(orders=1, sales=10_990, income=1_099, returned=10_990)
    assert figures.return_rate == 5_000
    assert differences() == []


def test_a_clawback_lowers_what_was_credited() -> None:
    bo = open_shop()
    received = order(bo, received=True)
    ingest(received)
    settle_all(at=PLACED + 3 * DAY + WEEK)

    ingest(with_refund(received, refund(10_990, quantity=1, at=PLACED + 12 * DAY)))

    assert seen("Lan") == Figures(orders=1, returned=10_990)
    assert differences() == []


def test_days_are_those_of_shanghai() -> None:
    bo = open_shop()
    ingest(order(bo, placed_at=NOON + 11 * timedelta(hours=1) + timedelta(minutes=59)))

    ((day, _),) = earnings(
        distributor=of("Lan"), period="day", first=date(2026, 11, 1), last=date(2026, 11, 30)
    )

    assert day == date(2026, 11, 2)


def test_a_changed_figure_is_found() -> None:
    bo = open_shop()
    ingest(order(bo))
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_periodfigures SET sales = sales + 1 WHERE period = 'week'")

    assert [row.split(":")[0] for row in differences()] == [
        f"distributor {of(name).pk}, week 2026-11-02, cash" for name in ("Mei", "Lan")
    ]


def test_only_those_who_sold_have_a_place() -> None:
    bo = open_shop()
    ingest(order(bo))
    fold_all()
    mei = of("Mei")

    places = leaderboard(period="month", day=PLACED.date(), metric="sales")

    assert [(place.rank, str(place.distributor.member), place.value) for place in places] == [
        (1, "Lan", 10_990)
    ]
    assert own_place(distributor=mei, period="month", day=PLACED.date(), metric="commission") == (
        2,
        549,
    )
    assert own_place(distributor=mei, period="month", day=PLACED.date(), metric="sales") == (
        None,
        0,
    )


@pytest.mark.parametrize("orders", [1, 20])
def test_the_workspace_needs_the_same_queries_for_many_orders(
    orders: int, django_assert_num_queries
) -> None:
    bo = open_shop()
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(orders)))
    lan = of("Lan")

    with django_assert_num_queries(QUERIES):
        workspace(distributor=lan, at=PLACED)


def test_a_corrected_day_of_payment_takes_its_figures_along() -> None:
    bo = open_shop()
    ingest(order(bo))
    fold_all()
    later = order(bo, paid_at=PLACED + DAY)
    ingest_orders([later], at=PLACED + 2 * DAY, clock=CLOCK)

    accept_conflicts(
        conflicts=list(OrderConflict.objects.all()), reason="asked the mall",
        by=give(staff("Qian"), "decide_orderconflict"), at=PLACED + 2 * DAY,
    )  # fmt: skip
    fold_all()

    found = earnings(
        distributor=of("Lan"), period="day", first=PLACED.date(), last=date(2026, 11, 30)
    )
    assert found == [
        (PLACED.date(), Figures()),
        ((PLACED + DAY).date(), Figures(orders=1, sales=10_990, income=1_099)),
    ]
    assert seen("Lan") == Figures(orders=1, sales=10_990, income=1_099, pending=1_099)
    assert differences() == []
