"""A paid order that is closed while goods are left holds its money until a person decides."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from commissions.models import Commission, CommissionHold
from commissions.services import decide_closed_order
from commissions.services.closures import (
    CommissionsCredited,
    NoClosureToDecide,
    OwnClosureForbidden,
)
from common.errors import ReasonRequired
from distribution.models import PurchaseTotals
from members.models import Member
from orders.models import ClosureDecision, Refund
from orders.services import complete
from tests.cast import link
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    editor,
    get_order,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)

pytestmark = pytest.mark.django_db

CLOSED = {"closed_at": PLACED + 4 * DAY}
LATER = PLACED + 60 * DAY
CREDIT, REFUND = ClosureDecision.Outcome.CREDIT, ClosureDecision.Outcome.REFUND


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


def decide(outcome: ClosureDecision.Outcome, **changes: Any) -> None:
    values = {"reason": "the mall confirmed it", "by": editor("ops"), "at": LATER}
    decide_closed_order(order=get_order(), outcome=outcome, **values | changes)


def held() -> list[str]:
    return list(CommissionHold.objects.order_by("pk").values_list("reason", flat=True))


@pytest.mark.parametrize("received", [True, False])
@pytest.mark.parametrize("closed_last", [True, False])
def test_a_closed_paid_order_is_held(bo: Member, received: bool, closed_last: bool) -> None:
    if closed_last:
        ingest(order(bo, received=received))
    ingest(order(bo, received=received, **CLOSED))

    assert held() == ["closed", "closed"]
    assert settle_all(at=LATER) == 0
    assert complete(at=LATER) == 0
    assert wallet_balance(Member.objects.get(nickname="Lan")) == 0


def test_an_unpaid_closed_order_is_cancelled(bo: Member) -> None:
    ingest(order(bo, paid=False, **CLOSED))

    assert (held(), commissions()) == ([], [])


def test_a_refund_told_later_ends_the_hold(bo: Member) -> None:
    ingest(order(bo, received=True, **CLOSED))

    ingest(with_refund(order(bo), refund(10_990)))

    assert held() == []
    assert [row[4] for row in commissions()] == [0, 0]


def test_a_partial_refund_keeps_the_hold(bo: Member) -> None:
    ingest(with_refund(order(bo, received=True, **CLOSED), refund(3_663)))

    assert held() == ["closed", "closed"]
    assert [row[4] for row in commissions()] == [732, 366]


def test_a_person_lets_it_be_credited(bo: Member) -> None:
    ingest(order(bo, received=True, **CLOSED))

    decide(CREDIT)

    assert held() == []
    assert settle_all(at=LATER) == 2
    assert wallet_balance(Member.objects.get(nickname="Lan")) == 1_099
    assert complete(at=LATER) == 1
    decision = ClosureDecision.objects.get()
    assert (decision.reason, decision.decided_by.username) == ("the mall confirmed it", "ops")


def test_a_decision_before_receipt_is_kept(bo: Member) -> None:
    ingest(order(bo, **CLOSED))
    decide(CREDIT)

    ingest(order(bo, received=True))

    assert (held(), settle_all(at=LATER)) == ([], 2)


def test_a_person_treats_it_as_refunded(bo: Member) -> None:
    ingest(with_refund(order(bo, received=True, **CLOSED), refund(3_663)))

    decide(REFUND)

    assert held() == []
    assert [row[4] for row in commissions()] == [0, 0]
    correction = Refund.objects.get(kind=Refund.Kind.CORRECTION)
    assert (correction.quantity, correction.amount, correction.status) == (1, 7_327, "done")
    assert settle_all(at=LATER) == 0
    assert (complete(at=LATER), PurchaseTotals.objects.get().protected_orders) == (1, 0)


def test_a_refund_after_the_correction_changes_nothing(bo: Member) -> None:
    ingest(order(bo, received=True, **CLOSED))
    decide(REFUND)

    ingest(with_refund(order(bo), refund(10_990)))

    assert [row[4] for row in commissions()] == [0, 0]
    assert get_order().lines.get().compensation == 10_990


@pytest.mark.parametrize(
    ("setup", "changes", "error"),
    [
        ({}, {}, NoClosureToDecide),
        ({"paid": False, **CLOSED}, {}, NoClosureToDecide),
        (CLOSED, {"reason": " "}, ReasonRequired),
    ],
    ids=["not closed", "not paid", "no reason"],
)
def test_a_decision_is_refused(
    bo: Member, setup: dict[str, Any], changes: dict[str, Any], error: type[Exception]
) -> None:
    ingest(order(bo, **setup))
    before = (held(), commissions())

    with pytest.raises(error):
        decide(REFUND, **changes)

    assert (held(), commissions()) == before
    assert not ClosureDecision.objects.exists()


def test_a_second_decision_is_refused(bo: Member) -> None:
    ingest(order(bo, **CLOSED))
    decide(CREDIT)

    with pytest.raises(NoClosureToDecide):
        decide(REFUND)

    assert ClosureDecision.objects.get().outcome == CREDIT


def test_nobody_decides_about_their_own_commission(bo: Member) -> None:
    ingest(order(bo, **CLOSED))
    mei = editor("Mei")
    link(mei, Member.objects.get(nickname="Mei"))

    with pytest.raises(OwnClosureForbidden):
        decide(CREDIT, by=mei)

    assert held() == ["closed", "closed"]


def test_credited_money_is_not_taken_back_by_a_decision(bo: Member) -> None:
    ingest(order(bo, received=True))
    assert settle_all(at=LATER) == 2
    ingest(order(bo, **CLOSED))

    with pytest.raises(CommissionsCredited):
        decide(REFUND)

    assert wallet_balance(Member.objects.get(nickname="Lan")) == 1_099
    assert set(Commission.objects.values_list("status", flat=True)) == {"credited"}


def test_a_decision_stays_in_the_database(bo: Member) -> None:
    ingest(order(bo, **CLOSED))
    decide(CREDIT)

    with pytest.raises(DatabaseError, match="orders_closuredecision"), transaction.atomic():
        ClosureDecision.objects.update(reason="other")
