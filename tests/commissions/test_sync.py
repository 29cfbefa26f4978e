"""Commissions follow their order, and wallets follow commissions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from commissions.models import Commission, CommissionChange, CommissionHold, DueCredit
from commissions.services import sync_commissions
from ledger.chart import Kind
from ledger.proof import differences
from members.models import Member
from tests.ledger.money import spend
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def database_rows() -> list[list[dict[str, Any]]]:
    return [
        list(model.objects.order_by("pk").values())
        for model in (Commission, DueCredit, CommissionHold)
    ]


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def test_a_paid_order_pays_the_two_uplines_of_its_buyer(bo: Member) -> None:
    ingest(order(bo))

    assert commissions() == [
        (1, 1, "Lan", 1099, 1099, "pending"),
        (1, 2, "Mei", 549, 549, "pending"),
    ]


def test_nobody_earns_before_the_payment(bo: Member) -> None:
    ingest(order(bo, paid=False))
    assert commissions() == []

    ingest(order(bo))
    assert [row[:3] for row in commissions()] == [(1, 1, "Lan"), (1, 2, "Mei")]


def test_a_received_order_is_protected_for_seven_days_and_then_credited(
    bo: Member, lan: Member, mei: Member
) -> None:
    ingest(order(bo, received=True))
    assert [row[5] for row in commissions()] == ["protected", "protected"]

    assert settle_all(at=RELEASED - DAY) == 0
    assert settle_all(at=RELEASED) == 2
    assert settle_all(at=RELEASED + DAY) == 0

    assert [row[5] for row in commissions()] == ["credited", "credited"]
    assert (wallet_balance(lan), wallet_balance(mei)) == (1099, 549)
    assert differences() == []


def test_a_refund_in_the_protection_period_voids_its_share(bo: Member) -> None:
    ingest(order(bo, received=True))

    ingest(with_refund(order(bo, received=True), refund(3663)))

    assert [row[3:] for row in commissions()] == [
        (1099, 732, "protected"),
        (549, 366, "protected"),
    ]
    assert sorted(DueCredit.objects.values_list("amount", flat=True)) == [366, 732]


def test_three_refunds_of_a_third_leave_nothing(bo: Member) -> None:
    of_three = order(bo, line(quantity=3, price=3333, discount=2), received=True)
    thirds = [refund(3332, quantity=1, number="R-1"), refund(3332, quantity=1, number="R-2"),
              refund(3333, quantity=1, number="R-3")]  # fmt: skip
    ingest(of_three)
    for count in range(1, 4):
        ingest(with_refund(of_three, *thirds[:count]))

    assert [row[4:] for row in commissions()] == [(0, "void"), (0, "void")]
    assert not DueCredit.objects.exists()
    assert settle_all(at=RELEASED) == 0


def test_a_refund_after_the_credit_claws_it_back(bo: Member, lan: Member, mei: Member) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)

    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1)), at=RELEASED + DAY)

    assert [row[3:] for row in commissions()] == [(1099, 0, "void"), (549, 0, "void")]
    assert (wallet_balance(lan), wallet_balance(mei)) == (0, 0)
    assert sorted(CommissionChange.objects.values_list("delta", flat=True)) == [-1099, -549]
    assert differences() == []


def test_a_clawback_of_spent_money_becomes_a_debt_that_the_next_credit_pays(
    bo: Member, lan: Member
) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    spend(lan, 1000, "out")

    ingest(with_refund(order(bo, received=True), refund(10_990, quantity=1)), at=RELEASED + DAY)
    assert (wallet_balance(lan), wallet_balance(lan, kind=Kind.OWED)) == (0, 1000)

    ingest(order(bo, number="O-2", received=True))
    settle_all(at=RELEASED + DAY)
    assert (wallet_balance(lan), wallet_balance(lan, kind=Kind.OWED)) == (99, 0)
    assert differences() == []


def test_an_open_after_sale_holds_its_line_until_it_ends(bo: Member) -> None:
    ingest(order(bo, received=True))
    open_refund = refund(3663, done=False)
    ingest(with_refund(order(bo, received=True), open_refund))
    assert list(CommissionHold.objects.values_list("reason", flat=True)) == ["after_sale"] * 2
    assert settle_all(at=RELEASED) == 0

    ingest(with_refund(order(bo, received=True), replace(open_refund, rejected_at=RELEASED)))

    assert not CommissionHold.objects.exists()
    assert settle_all(at=RELEASED) == 2


def test_a_rejected_after_sale_releases_nothing_while_another_is_open(bo: Member) -> None:
    snapshot = order(bo, received=True)
    old = refund(100, done=False, number="R-1", rejected_at=PLACED + 5 * DAY)
    new = refund(100, done=False, number="R-2")

    ingest(with_refund(snapshot, new))
    ingest(with_refund(snapshot, new, old))

    assert settle_all(at=RELEASED) == 0


def test_shipping_and_discounts_earn_nothing(bo: Member) -> None:
    ingest(order(bo, line(discount=990, shipping=5000)))

    assert [row[3] for row in commissions()] == [1000, 500]


def test_sync_commissions_is_idempotent(bo: Member) -> None:
    ingest(with_refund(order(bo, received=True), refund(3663)))
    before = database_rows()

    sync_commissions([get_order()], at=RELEASED)

    assert database_rows() == before


def test_a_clawback_names_the_refund_of_the_goods(bo: Member) -> None:
    snapshot = order(bo, line(shipping=500), received=True)
    open_refund = refund(3663, done=False, at=RELEASED)
    ingest(snapshot)
    settle_all(at=RELEASED)
    freight = refund(0, freight=500, number="R-2", at=RELEASED)

    ingest(with_refund(snapshot, open_refund))
    ingest(with_refund(snapshot, freight))
    ingest(with_refund(snapshot, replace(open_refund, done_at=RELEASED + DAY)))

    assert {change.refund.number for change in CommissionChange.objects.all()} == {"R-1"}
