"""What could not be credited is tried again while its order changes."""

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
    """Has an order whose commission for Lan could not be credited."""
    buyer = open_shop()
    ingest(order(buyer, received=True))
    DueCredit.objects.filter(commission__tier=1).update(amount=1)
    settle_all(at=RELEASED)
    return buyer


@pytest.fixture
def qian(bo: Member) -> User:
    return staff("Qian")


@pytest.fixture
def held(bo: Member) -> CommissionHold:
    return CommissionHold.objects.get(reason=CommissionHold.Reason.FAULT)


def back(bo: Member, one: RefundSnapshot) -> Any:
    return partial(ingest, with_refund(order(bo, received=True), one), at=RELEASED)


def test_it_waits_for_the_order_and_is_queued_with_what_is_left(
    bo: Member, qian: User, held: CommissionHold
) -> None:
    again = partial(retry, commission_hold=held, by=qian, at=RELEASED)

    (outcome,), told = run_during_transaction(back(bo, refund(3_663)), again)

    assert (outcome.changed, told) == (True, None)
    assert not CommissionHold.objects.exists()
    assert DueCredit.objects.get().amount == 732
    assert settle_all(at=RELEASED) == 1
    assert wallet_balance(Member.objects.get(nickname="Lan")) == 732
    assert differences() == []


def test_control_what_passes_the_order_by_leaves_it_held(bo: Member, held: CommissionHold) -> None:
    run_during_transaction(
        back(bo, refund(3_663)), partial(release_holds, CommissionHold.objects.filter(pk=held.pk))
    )

    assert CommissionHold.objects.filter(pk=held.pk).exists()
    assert not DueCredit.objects.exists()


def test_of_what_is_refunded_at_that_moment_nothing_is_queued(
    bo: Member, qian: User, held: CommissionHold
) -> None:
    again = partial(retry, commission_hold=held, by=qian, at=RELEASED)

    _, told = run_during_transaction(back(bo, refund(10_990, quantity=1)), again)

    assert isinstance(told, HoldNotRetryable)
    assert Commission.objects.get(tier=1).current == 0
    assert not DueCredit.objects.exists()
    assert not Event.objects.filter(name="commissions.retried").exists()


def test_an_after_sale_that_opens_at_that_moment_still_holds_it(
    bo: Member, qian: User, held: CommissionHold
) -> None:
    again = partial(retry, commission_hold=held, by=qian, at=RELEASED)

    _, told = run_during_transaction(back(bo, refund(3_663, done=False)), again)

    assert told is None
    assert [one.reason for one in CommissionHold.objects.filter(commission=held.commission)] == [
        "after_sale"
    ]
    assert not DueCredit.objects.exists()


def test_two_who_try_at_once_queue_it_once(bo: Member, qian: User, held: CommissionHold) -> None:
    again = partial(retry, commission_hold=held, by=qian, at=RELEASED)

    told = run_concurrently(again, again, again)

    assert sorted(type(one).__name__ for one in told) == [
        "HoldNotRetryable",
        "HoldNotRetryable",
        "NoneType",
    ]
    assert DueCredit.objects.count() == 1
    assert Event.objects.filter(name="commissions.retried").count() == 1


def test_tried_again_and_refunded_over_and_over_nobody_waits_in_a_circle(
    bo: Member, qian: User, held: CommissionHold
) -> None:
    again = partial(retry, commission_hold=held, by=qian, at=RELEASED)
    some = [back(bo, refund(100, number=f"R-{n}")) for n in range(4)]

    told = run_concurrently(*some, again, partial(settle_all, at=RELEASED))

    assert [one for one in told if isinstance(one, Exception)] == []
    settle_all(at=RELEASED)
    assert not CommissionHold.objects.exists()
    assert (
        wallet_balance(Member.objects.get(nickname="Lan")) == Commission.objects.get(tier=1).current
    )
    assert differences() == []
