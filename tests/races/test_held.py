"""What could not be credited is tried again while its order changes."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from commissions.models import Commission, Due, Held
from commissions.services import lift
from commissions.services.holding import NotAFault, try_again
from events.models import Event
from ledger.proof import differences
from members.models import Member, User
from orders.facts import RefundFacts
from tests.cast import staff
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    opened,
    order,
    put,
    refund,
    settle_all,
    wallet,
    with_refund,
)
from tests.threads import at_once, while_open

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def bo(committed: str) -> Member:
    """Has an order whose commission for Lan could not be credited."""
    buyer = opened()
    put(order(buyer, received=True))
    Due.objects.filter(commission__tier=1).update(amount=1)
    settle_all(at=RELEASED)
    return buyer


@pytest.fixture
def qian(bo: Member) -> User:
    return staff("Qian")


@pytest.fixture
def held(bo: Member) -> Held:
    return Held.objects.get(reason=Held.Reason.FAULT)


def back(bo: Member, one: RefundFacts) -> Any:
    return partial(put, with_refund(order(bo, received=True), one), at=RELEASED)


def test_it_waits_for_the_order_and_is_queued_with_what_is_left(
    bo: Member, qian: User, held: Held
) -> None:
    again = partial(try_again, held=held, by=qian, at=RELEASED)

    (outcome,), told = while_open(back(bo, refund(3_663)), again)

    assert (outcome.changed, told) == (True, None)
    assert not Held.objects.exists()
    assert Due.objects.get().amount == 732
    assert settle_all(at=RELEASED) == 1
    assert wallet(Member.objects.get(nickname="Lan")) == 732
    assert differences() == []


def test_control_what_passes_the_order_by_leaves_it_held(bo: Member, held: Held) -> None:
    while_open(back(bo, refund(3_663)), partial(lift, Held.objects.filter(pk=held.pk)))

    assert Held.objects.filter(pk=held.pk).exists()
    assert not Due.objects.exists()


def test_of_what_is_refunded_at_that_moment_nothing_is_queued(
    bo: Member, qian: User, held: Held
) -> None:
    again = partial(try_again, held=held, by=qian, at=RELEASED)

    _, told = while_open(back(bo, refund(10_990, quantity=1)), again)

    assert isinstance(told, NotAFault)
    assert Commission.objects.get(tier=1).current == 0
    assert not Due.objects.exists()
    assert not Event.objects.filter(name="commissions.tried_again").exists()


def test_an_after_sale_that_opens_at_that_moment_still_holds_it(
    bo: Member, qian: User, held: Held
) -> None:
    again = partial(try_again, held=held, by=qian, at=RELEASED)

    _, told = while_open(back(bo, refund(3_663, done=False)), again)

    assert told is None
    assert [one.reason for one in Held.objects.filter(commission=held.commission)] == ["after_sale"]
    assert not Due.objects.exists()


def test_two_who_try_at_once_queue_it_once(bo: Member, qian: User, held: Held) -> None:
    again = partial(try_again, held=held, by=qian, at=RELEASED)

    told = at_once(again, again, again)

    assert sorted(type(one).__name__ for one in told) == ["NoneType", "NotAFault", "NotAFault"]
    assert Due.objects.count() == 1
    assert Event.objects.filter(name="commissions.tried_again").count() == 1


def test_tried_again_and_refunded_over_and_over_nobody_waits_in_a_circle(
    bo: Member, qian: User, held: Held
) -> None:
    again = partial(try_again, held=held, by=qian, at=RELEASED)
    some = [back(bo, refund(100, number=f"R-{n}")) for n in range(4)]

    told = at_once(*some, again, partial(settle_all, at=RELEASED))

    assert [one for one in told if isinstance(one, Exception)] == []
    settle_all(at=RELEASED)
    assert not Held.objects.exists()
    assert wallet(Member.objects.get(nickname="Lan")) == Commission.objects.get(tier=1).current
    assert differences() == []
