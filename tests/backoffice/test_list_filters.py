"""Ranges of days and amounts: what they find, and what they say to wrong input."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from backoffice.filters import (
    PERIODS,
    AmountRangeFilter,
    DateRangeFilter,
    amount_filter,
    date_filter,
)
from common import clock
from orders.models import Order, Refund
from tests.cast import NOON
from tests.shop import DAY, ingest, open_shop, order

pytestmark = pytest.mark.django_db
ORDERS = "admin:orders_order_changelist"


def days(**given: str) -> DateRangeFilter:
    parameters = {f"placed_at__{end}": [text] for end, text in given.items()}
    request = RequestFactory().get("/", {name: values[0] for name, values in parameters.items()})
    page = admin.site.get_model_admin(Order)
    return date_filter("placed_at")(request, parameters, Order, page)


def amounts(**given: str) -> AmountRangeFilter:
    parameters = {f"amount__{end}": [text] for end, text in given.items()}
    page = admin.site.get_model_admin(Refund)
    return amount_filter("amount")(RequestFactory().get("/"), parameters, Refund, page)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", date(2026, 3, 1), date(2026, 3, 1)),
        ("yesterday", date(2026, 2, 28), date(2026, 2, 28)),
        ("week", date(2026, 2, 23), date(2026, 3, 1)),
        ("days30", date(2026, 1, 31), date(2026, 3, 1)),
        ("month", date(2026, 3, 1), date(2026, 3, 1)),
        ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_a_period_moves_with_today(name: str, first: date, last: date) -> None:
    assert PERIODS[name].days(date(2026, 3, 1)) == (first, last)


def test_days_are_those_of_shanghai_and_both_ends_count() -> None:
    condition = days(**{"from": "2026-11-01", "to": "2026-11-02"}).condition()

    assert dict(condition.children) == {
        "placed_at__gte": datetime(2026, 10, 31, 16, tzinfo=UTC),
        "placed_at__lt": datetime(2026, 11, 2, 16, tzinfo=UTC),
    }


@pytest.mark.parametrize(
    "text", ["2026-13-01", "yesterday", "0001-01-01", "9999-12-31", "2026-11-01T00:00", "１"]
)
def test_what_is_no_day_is_refused_in_words(text: str) -> None:
    with translation.override("en"):
        refused = days(**{"from": text})

        assert text[:40] in str(refused.problem)
    assert not refused.queryset(RequestFactory().get("/"), Order.objects.all()).exists()


def test_days_in_the_wrong_order_are_refused_in_words() -> None:
    with translation.override("en"):
        assert "after the last" in str(days(**{"from": "2026-11-02", "to": "2026-11-01"}).problem)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12.34", 1_234),
        ("¥1,234.5", 123_450),
        ("0", 0),
        ("-3", -300),
        (" 7 ", 700),
        ("1，000", 100_000),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, fen: int) -> None:
    assert amounts(min=text).low == fen


@pytest.mark.parametrize("text", ["1e3", "12.345", "1" + "0" * 18, "abc", "１２", "nan"])
def test_what_is_no_amount_is_refused_in_words(text: str) -> None:
    refused = amounts(max=text)

    assert refused.problem
    assert refused.queryset(RequestFactory().get("/"), Refund.objects.all()).query.is_empty()


def test_amounts_in_the_wrong_order_are_refused_in_words() -> None:
    assert amounts(min="2", max="1").problem


@pytest.fixture
def two_orders(db: None) -> None:
    bo = open_shop()
    ingest(order(bo, number="E1"))
    ingest(order(bo, number="E2", placed_at=NOON + 5 * DAY), at=NOON + 6 * DAY)


def found(client: Client, **given: Any) -> list[str]:
    answer = client.get(reverse(ORDERS), given)
    return [row.number for row in answer.context["cl"].result_list]


def test_a_list_is_limited_to_days(as_boss: Client, two_orders: None) -> None:
    day = clock.business_day(NOON + 5 * DAY).isoformat()

    assert found(as_boss, placed_at__from=day, placed_at__to=day) == ["E2"]
    assert found(as_boss, placed_at__to="2026-11-04") == ["E1"]
    assert found(as_boss, placed_at__from="2026-12-01") == []


def test_a_list_with_a_wrong_filter_is_empty_and_says_why(
    as_boss: Client, two_orders: None
) -> None:
    given = {"placed_at__from": "2026-12-01", "placed_at__to": "2026-11-01"}
    answer = as_boss.get(reverse(ORDERS), given, headers={"accept-language": "en"})

    assert answer.status_code == 200
    assert list(answer.context["cl"].result_list) == []
    assert "after the last one" in answer.content.decode()


def test_amounts_of_large_lists_need_days(as_boss: Client, two_orders: None) -> None:
    days = {"placed_at__from": "2026-11-01", "placed_at__to": "2026-11-30"}

    assert found(as_boss, paid_goods__min="1") == []
    assert len(found(as_boss, paid_goods__min="1", **days)) == 2
    assert found(as_boss, paid_goods__max="1", **days) == []


def test_void_commissions_have_a_chip(as_boss: Client, two_orders: None) -> None:
    commissions = reverse("admin:commissions_commission_changelist")
    answer = as_boss.get(commissions, {"state": "void"})

    assert len(answer.context["cl"].result_list) == 0
    assert len(as_boss.get(commissions, {"state": "pending"}).context["cl"].result_list) == 4
    assert 'aria-current="true"' in answer.content.decode()


@pytest.mark.parametrize("text", ["e1", "E1", " e1 "])
def test_numbers_are_found_in_any_case(as_boss: Client, two_orders: None, text: str) -> None:
    assert found(as_boss, q=text) == ["E1"]


def test_a_list_sorts_by_what_it_declares_only(as_boss: Client, two_orders: None) -> None:
    columns = as_boss.get(reverse(ORDERS)).context["cl"].list_display
    placed, number = columns.index("placed_at"), columns.index("number")

    assert found(as_boss, o=str(placed)) == ["E1", "E2"]
    assert found(as_boss, o=f"-{placed}") == ["E2", "E1"]
    # By an address that no link has.
    assert found(as_boss, o=str(number)) == found(as_boss)
    assert found(as_boss, sort="placed_at") == ["E1", "E2"]
