"""Numbers and ids as spreadsheets hand them on: blanks are no part of them, damage is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from members.models import Identity, Member
from orders.intake import InvalidOrder, ingest_orders
from orders.models import Order, Refund
from tests.cast import CLOCK
from tests.shop import PLACED, commissions, ingest, line, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db

NUMBER = "250105000000000001"


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.mark.parametrize("around", [f"{NUMBER}\t", f" {NUMBER}", f"\ufeff{NUMBER}\r\n"])
def test_blanks_around_a_number_are_no_part_of_it(bo: Member, around: str) -> None:
    ingest(with_refund(order(bo, number=NUMBER), refund(100)))

    told = with_refund(order(bo, line("mask\t"), number=around), refund(100, number="R-1\t"))
    (result,) = ingest_orders([told], at=PLACED, clock=CLOCK)

    assert (result.number, result.changed, result.error) == (NUMBER, False, None)
    assert (Order.objects.count(), Refund.objects.count()) == (1, 1)


def test_blanks_around_a_member_id_are_no_part_of_it(bo: Member) -> None:
    ingest(replace(order(bo), buyer="bo\t"))

    assert [row[2] for row in commissions()] == ["Lan", "Mei"]
    assert not Identity.objects.filter(external_id="bo\t").exists()


@pytest.mark.parametrize("key", ["2.50105E+17", '="250105"', "'250105"])
@pytest.mark.parametrize("field", ["number", "buyer", "referrer", "lines", "refunds"])
def test_a_key_that_a_spreadsheet_changed_is_refused(bo: Member, field: str, key: str) -> None:
    changes: dict[str, Any] = {"lines": (line(key),), "refunds": (refund(1, number=key),)}

    (result,) = ingest_orders(
        [replace(order(bo), **{field: changes.get(field, key)})], at=PLACED, clock=CLOCK
    )

    assert isinstance(result.error, InvalidOrder)
    assert key in str(result.error)
    assert "表格软件" in str(result.error)
    assert not Order.objects.exists()


def test_an_id_with_an_e_is_no_number(bo: Member) -> None:
    ingest(order(bo, number="34e921803662"))

    assert Order.objects.get().number == "34e921803662"
