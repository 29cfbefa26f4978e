"""Sales of the shop by day, product, category, province and channel, from folded rows.

Bo buys masks for 109.90: Lan earns 10.99 and Mei 5.49.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Category, Product, Sku
from commissions.services import accept_conflicts
from ledger.chart import Asset
from members.models import Member
from orders.intake import ingest_orders
from orders.models import OrderConflict
from reports import sales
from reports.folding.sales import fold_sales
from reports.models import SalesDelta, SalesFigures
from reports.sales import Sales, by_day, by_distributor, by_key, total
from reports.services import differences
from reports.spans import DAY as ONE
from reports.spans import Span
from tests.cast import CLOCK, give, member, staff
from tests.reports.folding import fold_all
from tests.reports.sharers import a_share, order_by_share
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    plan,
    referral_chain,
    refund,
    rule,
    settle_all,
    sku,
    with_refund,
)

pytestmark = pytest.mark.django_db
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
THE_DAY = Span(PLACED.date(), PLACED.date())
ONE_MASK = Sales(
    orders=1, promoted=1, quantity=1, sales=10_990, promoted_sales=10_990, commission1=1_099,
    commission2=549,
)  # fmt: skip
Kind = SalesFigures.Kind


def of(kind: str, span: Span = NOVEMBER) -> dict[str, Sales]:
    fold_all()
    return dict(by_key(kind, span))


def test_a_paid_order_counts_for_each_thing_that_it_belongs_to(db: None) -> None:
    bo = open_shop()
    mask = Product.objects.get()
    beauty = Category.objects.get()
    ingest(order(bo, region="浙江省杭州市"))

    assert of(Kind.SHOP) == {"": ONE_MASK}
    assert of(Kind.PRODUCT) == {str(mask.pk): ONE_MASK}
    assert of(Kind.CATEGORY) == {str(beauty.pk): ONE_MASK}
    assert of(Kind.PROVINCE) == {"浙江": ONE_MASK}
    assert of(Kind.CHANNEL) == {"": ONE_MASK}
    assert not SalesDelta.objects.exists()
    assert differences() == []


def test_figures_are_right_before_they_are_folded_and_after_each_piece(db: None) -> None:
    bo = open_shop()
    ingest(order(bo, line(number=1), line(number=2)))

    assert differences() == []
    while fold_sales(limit=1):
        assert differences() == []

    assert total(NOVEMBER) == ONE_MASK + ONE_MASK + Sales(orders=-1, promoted=-1)


def test_an_order_counts_once_for_a_product_and_once_for_a_category(db: None) -> None:
    bo = open_shop()
    sku("cream")
    ingest(
        order(bo, line(number=1), line(number=2, quantity=3), line("cream", number=3, price=500))
    )

    products = of(Kind.PRODUCT)
    mask, cream = (str(Product.objects.get(name=name).pk) for name in ("mask", "cream"))
    assert [(products[key].orders, products[key].quantity) for key in (mask, cream)] == [
        (1, 4), (1, 1),
    ]  # fmt: skip
    assert [row.orders for row in of(Kind.CATEGORY).values()] == [1]
    assert [row.quantity for row in of(Kind.CATEGORY).values()] == [5]
    assert differences() == []


def test_a_category_includes_those_below_it(db: None) -> None:
    bo = open_shop()
    beauty = Category.objects.get()
    care = Category.objects.create(code="care", name="care", parent=beauty)
    serum = Product.objects.create(name="serum", category=care)
    Sku.objects.create(product=serum, code="serum", price=500)
    ingest(order(bo, line("serum", price=500)), order(bo, number="O-2"))

    found = of(Kind.CATEGORY)

    assert (found[str(beauty.pk)].orders, found[str(care.pk)].orders) == (2, 1)
    assert found[str(beauty.pk)].sales == 11_490
    assert differences() == []


def test_an_order_counts_once_it_is_paid_on_that_day(db: None) -> None:
    bo = open_shop()
    ingest(order(bo, paid=False))
    assert of(Kind.SHOP) == {}

    ingest(order(bo, paid_at=PLACED + DAY))

    assert of(Kind.SHOP, THE_DAY) == {}
    assert of(Kind.SHOP) == {"": ONE_MASK}
    assert differences() == []


def test_a_refund_lowers_the_day_of_the_order(db: None) -> None:
    bo = open_shop()
    bought = order(bo, line(quantity=2), received=True)
    ingest(bought)
    settle_all(at=PLACED + 3 * DAY + WEEK)
    fold_all()

    ingest(with_refund(bought, refund(10_990, quantity=1, at=PLACED + 20 * DAY)))

    row = of(Kind.SHOP, THE_DAY)[""]
    assert row == ONE_MASK + Sales(quantity=1, returned_quantity=1, returned=10_990)
    assert (row.return_rate, row.commission_rate, row.average) == (5_000, 1_499, 10_990)
    assert differences() == []


def test_more_money_back_than_was_paid_takes_no_more_than_all(db: None) -> None:
    bo = open_shop()
    bought = order(bo)
    ingest(with_refund(bought, refund(12_000, quantity=1)))

    row = of(Kind.SHOP)[""]

    assert (row.sales, row.returned, row.returned_quantity, row.orders) == (0, 10_990, 1, 1)
    assert row.return_rate == 10_000
    assert differences() == []


def test_an_order_without_an_upline_is_no_order_of_distributors(db: None) -> None:
    open_shop()
    ingest(order(member("Chen")))

    row = of(Kind.SHOP)[""]

    assert (row.orders, row.promoted, row.sales, row.promoted_sales) == (1, 0, 10_990, 0)
    assert (row.commission, row.commission_rate) == (0, 0)


def test_only_cash_is_added_up_as_commission(db: None) -> None:
    sku()
    plan(rule(asset=Asset.STORE_CREDIT))
    *_, bo = referral_chain("Mei", "Lan", "Bo")
    ingest(order(bo))

    assert of(Kind.SHOP)[""].commission == 0
    assert differences() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("region", "lives_in", "counted"),
    [
        ("广东省深圳市", "浙江", "广东"), ("", "浙江省", "浙江"), ("内蒙古自治区", "", "内蒙古"),
        ("", "", ""), ("Zhejiang", "黑龙江", "黑龙江"), ("somewhere", "elsewhere", ""),
    ],
)  # fmt: skip
def test_the_province_is_that_of_the_order_otherwise_of_the_buyer(
    db: None, region: str, lives_in: str, counted: str
) -> None:
    bo = open_shop()
    Member.objects.filter(pk=bo.pk).update(province=lives_in)
    ingest(order(bo, region=region))

    assert of(Kind.PROVINCE) == {counted: ONE_MASK}


def test_a_buyer_who_moves_takes_no_sales_along(db: None) -> None:
    bo = open_shop()
    Member.objects.filter(pk=bo.pk).update(province="浙江")
    ingest(order(bo))
    Member.objects.filter(pk=bo.pk).update(province="广东")
    ingest(order(bo, number="O-2"))

    assert set(of(Kind.PROVINCE)) == {"浙江", "广东"}
    assert differences() == []


def test_the_channel_is_that_of_the_share_by_which_the_order_came(db: None) -> None:
    bo = open_shop()
    ingest(order_by_share(bo, a_share("Lan", channel="moments")), order(bo, number="O-2"))

    assert of(Kind.CHANNEL) == {"moments": ONE_MASK, "": ONE_MASK}
    assert differences() == []


def test_a_corrected_day_of_payment_takes_its_sales_along(db: None) -> None:
    bo = open_shop()
    ingest(order(bo))
    fold_all()
    ingest_orders([order(bo, paid_at=PLACED + DAY)], at=PLACED + 2 * DAY, clock=CLOCK)

    accept_conflicts(
        conflicts=list(OrderConflict.objects.all()), reason="asked the mall",
        by=give(staff("Qian"), "decide_orderconflict"), at=PLACED + 2 * DAY,
    )  # fmt: skip

    assert of(Kind.SHOP, THE_DAY) == {}
    assert of(Kind.SHOP) == {"": ONE_MASK}
    assert differences() == []


@pytest.fixture
def a_quarter(db: None) -> None:
    """An order every fifth day of 90 days, each of one more mask."""
    bo = open_shop()
    ingest(
        *(order(bo, line(quantity=number + 1), number=f"O-{number}",
                placed_at=PLACED + 5 * number * DAY) for number in range(18))
    )  # fmt: skip
    fold_all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "span",
    [
        Span(date(2026, 11, 1), date(2027, 1, 31)), Span(date(2026, 11, 2), date(2027, 1, 30)),
        Span(date(2026, 11, 15), date(2026, 12, 31)), Span(date(2026, 12, 1), date(2026, 12, 31)),
        Span(date(2026, 11, 20), date(2026, 12, 10)), Span(date(2026, 12, 1), date(2026, 12, 1)),
        Span(date(2026, 11, 30), date(2026, 12, 1)), Span(date(2026, 1, 1), date(2027, 12, 31)),
    ],
)  # fmt: skip
def test_months_and_days_add_up_to_the_days_alone(a_quarter: None, span: Span) -> None:
    rows = SalesFigures.objects.filter(kind=Kind.SHOP, period="day")
    expected = sum(row.quantity for row in rows if span.first <= row.start <= span.last)

    assert total(span).quantity == expected
    assert sum(row.quantity for _day, row in by_day(span)) == expected
    assert sum(row.quantity for row in dict(by_key(Kind.PRODUCT, span)).values()) == expected
    earned = by_distributor(span)
    assert sum(row.orders for row in earned) == total(span).orders


def test_each_day_of_a_short_range_has_a_row_and_each_month_of_a_long_one(a_quarter: None) -> None:
    short = by_day(Span(date(2026, 11, 1), date(2026, 11, 10)))
    month = by_day(Span(date(2026, 11, 1), date(2026, 11, 30)))
    long = by_day(Span(date(2026, 11, 15), date(2027, 2, 28)))

    assert [day for day, _row in short] == [date(2026, 11, 1) + n * ONE for n in range(10)]
    assert [day.day for day, row in month if row.orders] == [2, 7, 12, 17, 22, 27]
    assert [(day.month, row.orders) for day, row in long] == [(11, 3), (12, 6), (1, 6), (2, 0)]


def test_distributors_are_ranked_by_own_sales_and_by_what_is_asked(db: None) -> None:
    bo = open_shop()
    wu = member("Wu")
    ingest(order(bo), order(wu, number="O-2"))
    lan, mei = (Member.objects.get(nickname=name).distributor.pk for name in ("Lan", "Mei"))
    fold_all()

    rows = by_distributor(NOVEMBER)

    assert [(row.distributor, row.sales, row.income, row.team_income) for row in rows] == [
        (lan, 10_990, 1_099, 0), (mei, 0, 0, 549),
    ]  # fmt: skip
    assert by_distributor(NOVEMBER, order_by="team_income")[0].distributor == mei
    assert sales.distributors_with_orders(NOVEMBER) == 2
    assert by_distributor(Span(date(2026, 12, 1), date(2026, 12, 31))) == []


def test_it_costs_the_same_for_many_orders(a_quarter: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        by_key(Kind.PRODUCT, NOVEMBER, limit=10)
        total(NOVEMBER)
        by_distributor(NOVEMBER)

    assert len(queries) == 3


def test_a_changed_figure_is_found(db: None) -> None:
    ingest(order(open_shop()))
    fold_all()

    with connection.cursor() as cursor:
        cursor.execute("UPDATE reports_salesfigures SET sales = 5 WHERE kind = 'channel'")

    found: list[Any] = [text.split(":")[0] for text in differences()]
    assert found == [
        "sales of channel , day 2026-11-02", "sales of channel , month 2026-11-01"
    ]  # fmt: skip
