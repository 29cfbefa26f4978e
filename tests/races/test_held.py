"""Retries of held commissions while their order changes."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services import release_holds
from commissions.services.holds import HoldNotRetryable, retry
from events.models import Event
from ledger.proof import differences
from members.models import Member, User
from orders.snapshots import RefundSnapshot
from tests.cast import staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def bo(committed: str) -> Member:
    """Return a buyer with an order whose commission for Lan could not be credited."""
    buyer = open_shop()
    ingest(order(buyer, received=True))
    DueCredit.objects.filter(commission__tier=1).update(amount=1)
    settle_all(at=RELEASED)
    return buyer


@pytest.fixture
def qian(bo: Member) -> User:
    return staff("Qian")


@pytest.fixture
def commission_hold(bo: Member) -> CommissionHold:
    return CommissionHold.objects.get(reason=CommissionHold.Reason.FAULT)


def ingest_refund(bo: Member, row: RefundSnapshot) -> Any:
    return partial(ingest, with_refund(order(bo, received=True), row), at=RELEASED)


def test_a_retry_waits_for_the_order_and_queues_the_remaining_amount(
    bo: Member, qian: User, commission_hold: CommissionHold
) -> None:
    retry_hold = partial(retry, commission_hold=commission_hold, by=qian, at=RELEASED)

    (outcome,), error = run_during_transaction(ingest_refund(bo, refund(3_663)), retry_hold)

    assert (outcome.changed, error) == (True, None)
    assert not CommissionHold.objects.exists()
    assert DueCredit.objects.get().amount == 732
    assert settle_all(at=RELEASED) == 1
    assert wallet_balance(Member.objects.get(nickname="Lan")) == 732
    assert differences() == []


def test_control_a_release_that_skips_the_order_leaves_the_hold(
    bo: Member, commission_hold: CommissionHold
) -> None:
    run_during_transaction(
        ingest_refund(bo, refund(3_663)),
        partial(release_holds, CommissionHold.objects.filter(pk=commission_hold.pk)),
    )

    assert CommissionHold.objects.filter(pk=commission_hold.pk).exists()
    assert not DueCredit.objects.exists()


def test_a_concurrently_refunded_commission_is_not_queued(
    bo: Member, qian: User, commission_hold: CommissionHold
) -> None:
    retry_hold = partial(retry, commission_hold=commission_hold, by=qian, at=RELEASED)

    _, error = run_during_transaction(ingest_refund(bo, refund(10_990, quantity=1)), retry_hold)

    assert isinstance(error, HoldNotRetryable)
    assert Commission.objects.get(tier=1).current == 0
    assert not DueCredit.objects.exists()
    assert not Event.objects.filter(name="commissions.retried").exists()


def test_a_refund_requested_during_the_retry_holds_the_commission(
    bo: Member, qian: User, commission_hold: CommissionHold
) -> None:
    retry_hold = partial(retry, commission_hold=commission_hold, by=qian, at=RELEASED)

    _, error = run_during_transaction(ingest_refund(bo, refund(3_663, done=False)), retry_hold)

    assert error is None
    assert [
        row.reason for row in CommissionHold.objects.filter(commission=commission_hold.commission)
    ] == ["after_sale"]
    assert not DueCredit.objects.exists()


def test_concurrent_retries_queue_a_commission_once(
    bo: Member, qian: User, commission_hold: CommissionHold
) -> None:
    retry_hold = partial(retry, commission_hold=commission_hold, by=qian, at=RELEASED)

    errors = run_concurrently(retry_hold, retry_hold, retry_hold)

    assert sorted(type(error).__name__ for error in errors) == [
        "HoldNotRetryable",
        "HoldNotRetryable",
        "NoneType",
    ]
    assert DueCredit.objects.count() == 1
    assert Event.objects.filter(name="commissions.retried").count() == 1


def test_retries_refunds_and_settlements_do_not_deadlock(
    bo: Member, qian: User, commission_hold: CommissionHold
) -> None:
    retry_hold = partial(retry, commission_hold=commission_hold, by=qian, at=RELEASED)
    refunds = [ingest_refund(bo, refund(100, number=f"R-{n}")) for n in range(4)]

    results = run_concurrently(*refunds, retry_hold, partial(settle_all, at=RELEASED))

    assert [result for result in results if isinstance(result, Exception)] == []
    settle_all(at=RELEASED)
    assert not CommissionHold.objects.exists()
    assert (
        wallet_balance(Member.objects.get(nickname="Lan")) == Commission.objects.get(tier=1).current
    )
    assert differences() == []
