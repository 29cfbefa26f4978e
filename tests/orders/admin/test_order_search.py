"""People find an order by the beginning of its number, or by its end, which buyers read out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from members.models import Member, User
from orders.models import Order
from orders.person import find_orders
from orders.search import has_number
from tests.cast import give
from tests.shop import DAY, PLACED, ingest, open_shop, order

NUMBERS = ("E20261124-0001", "E20261124-0002", "e20261125-7788", "100%_X")


@pytest.fixture
def bo(db: None) -> Member:
    buyer = open_shop()
    for day, number in enumerate(NUMBERS):
        ingest(order(buyer, number=number, placed_at=PLACED + day * DAY), at=PLACED + 9 * DAY)
    return buyer


def found(term: str) -> list[str]:
    return [hit.title for hit in find_orders(term, 6)]


@pytest.mark.parametrize(
    ("term", "numbers"),
    [
        ("E20261124", ["E20261124-0002", "E20261124-0001"]),
        ("e202", ["e20261125-7788", "E20261124-0002", "E20261124-0001"]),
        ("0001", ["E20261124-0001"]),
        ("7788", ["e20261125-7788"]),
        ("E20261125-7788", ["e20261125-7788"]),
        ("1124", []),  # in the middle
        ("E20", []),  # too short
        ("%", []),
        ("%_X", []),
        ("100%", ["100%_X"]),  # no wildcard
        ("____", []),
    ],
)
def test_a_beginning_or_an_end_is_enough(bo: Member, term: str, numbers: list[str]) -> None:
    assert found(term) == numbers


def test_the_whole_number_comes_before_those_that_begin_with_it(bo: Member) -> None:
    ingest(order(bo, number="E20261124", placed_at=PLACED - DAY))
    ingest(order(bo, number="E20261124-0009", placed_at=PLACED + DAY), at=PLACED + 9 * DAY)

    hits = find_orders("e20261124", 3)

    assert [hit.title for hit in hits] == ["E20261124", "E20261124-0009", "E20261124-0002"]
    assert [hit.is_exact for hit in hits] == [True, False, False]


def test_no_more_hits_than_asked_for(bo: Member) -> None:
    assert len(find_orders("E2026", 1)) == 1


def test_the_list_finds_parts_and_buyers(as_qian: Client, qian: User, bo: Member) -> None:
    give(qian, "view_order")
    page = reverse("admin:orders_order_changelist")

    def listed(term: str) -> list[str]:
        html = as_qian.get(page, {"q": term}).content.decode()
        return [number for number in NUMBERS if f">{number}<" in html]

    assert listed("20261124-0002") == ["E20261124-0002"]
    assert listed("E20261124") == ["E20261124-0001", "E20261124-0002"]
    assert listed("E20261124-0001") == ["E20261124-0001"]
    assert listed("Bo") == list(NUMBERS)
    assert listed("nobody") == []


def test_indexes_answer(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = Order.objects.filter(has_number("E202")).order_by().explain()

    assert "order_by_start_of_number" in plan
    assert "order_by_end_of_number" in plan
    assert "Seq Scan" not in plan
