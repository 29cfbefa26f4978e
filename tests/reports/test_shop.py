"""The totals of the shop for the home of the back office."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member, User
from reports.services import differences
from reports.shop import ShopSums, shop_totals
from tests.cast import NOON
from tests.closing.books import PAID, RELEASED, earn_commissions, paid
from tests.reports.folding import fold_all
from tests.shop import DAY, PLACED, ingest, line, open_shop, order, refund, with_refund
from tests.withdrawals import factories

pytestmark = pytest.mark.django_db
NOTHING = ShopSums()
SOLD = ShopSums(orders=1, sales=10_990, commissions=1_648)


def test_an_order_is_of_its_day_and_month() -> None:
    ingest(order(open_shop()))
    fold_all()

    on_the_day = shop_totals(at=PLACED)
    the_day_after = shop_totals(at=PLACED + DAY)
    a_month_later = shop_totals(at=PLACED + 30 * DAY)

    new = ShopSums(distributors=2)
    assert (on_the_day.today.now, on_the_day.today.before) == (SOLD, new)
    assert on_the_day.month.now == replace(SOLD, distributors=2)
    assert (the_day_after.yesterday.now, the_day_after.yesterday.before) == (SOLD, new)
    assert the_day_after.today.now == NOTHING
    assert (a_month_later.month.now, a_month_later.month.before.orders) == (NOTHING, 1)
    assert (on_the_day.pending, on_the_day.protected) == (1_648, 0)
    assert differences() == []


def test_a_month_is_compared_with_the_same_days_of_the_one_before() -> None:
    ingest(order(open_shop()))
    fold_all()

    first = shop_totals(at=datetime(2026, 12, 1, 12, tzinfo=UTC))
    second = shop_totals(at=datetime(2026, 12, 2, 12, tzinfo=UTC))

    assert (first.month.before.orders, second.month.before.orders) == (0, 1)


def test_money_is_of_the_day_on_which_it_moves(sandbox: Any, qian: User, feng: User) -> None:
    _mei, lan = earn_commissions(quantity=50)
    paid(lan, 20_000, qian, feng)
    received = order(Member.objects.get(nickname="Bo"), line(quantity=50), received=True)
    at = PAID + DAY
    ingest(with_refund(received, refund(10_990, quantity=1, at=at)), at=at)
    fold_all()

    released, payment, refunded = (
        shop_totals(at=moment).today.now for moment in (RELEASED, PAID, at)
    )

    assert released.credited == 54_950 + 27_475
    assert (payment.payouts, payment.taken_back) == (1, 0)
    assert 0 < payment.paid_out <= 20_000
    assert refunded.taken_back == 1_099 + 549 + 1
    assert shop_totals(at=PLACED).today.now.sales == 49 * 10_990
    assert differences() == []


def test_open_withdrawals_are_counted(sandbox: Any, qian: User, feng: User) -> None:
    _mei, lan = earn_commissions(quantity=50)
    factories.asked(lan, 20_000, at=PAID)

    totals = shop_totals(at=PAID)

    assert (totals.open_withdrawals, totals.open_amount) == (1, 20_000)


def test_it_costs_the_same_for_many_orders() -> None:
    buyer = open_shop()

    def count() -> int:
        fold_all()
        with CaptureQueriesContext(connection) as queries:
            shop_totals(at=PLACED)
        return len(queries)

    ingest(order(buyer))
    few = count()
    ingest(*(order(buyer, number=f"N-{n}", placed_at=NOON + n * DAY) for n in range(20)))

    assert count() == few == 2


def test_a_changed_day_is_found() -> None:
    ingest(order(open_shop()))
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_shopday SET sales = sales + 1, credited = 5")

    assert any(row.startswith("shop 2026-11-02, cash") for row in differences())
