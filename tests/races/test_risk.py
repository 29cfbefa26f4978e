"""Concurrent decisions about holds and cases."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from commissions.models import CommissionHold, DueCredit
from events.models import Event
from ledger.proof import differences
from members.models import Member, User
from risk.models import Case, Hold, RuleName
from risk.services import close, release
from risk.services.cases import CaseHasOpenHolds
from risk.services.holds import AlreadyReleased
from tests.cast import NOON, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.risk.shop import PHONE, RELEASED, assess, place_order, screened_for
from tests.shop import (
    DAY,
    ingest,
    open_shop,
    order,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)


@pytest.fixture
def bo(committed: str) -> Member:
    """Return the buyer of a received order whose commission for Lan is held."""
    buyer = open_shop()
    place_order(lan(), "LAN", contact=PHONE)
    screened_for(RuleName.SHARED_PHONE)
    ingest(received(buyer))
    return buyer


@pytest.fixture
def qian(bo: Member) -> User:
    return staff("Qian")


def lan() -> Member:
    return Member.objects.get(nickname="Lan")


def received(buyer: Member) -> Any:
    return order(buyer, contact=PHONE, received=True)


def releasing(by: User) -> Any:
    return partial(release, hold=Hold.objects.get(), by=by, at=RELEASED, reason="her mother")


def type_names(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_concurrent_releases_have_one_effect(bo: Member, qian: User) -> None:
    results = run_concurrently(*[releasing(qian) for _ in range(4)])

    assert type_names(results) == ["AlreadyReleased"] * 3 + ["NoneType"]
    assert Event.objects.filter(name="risk.released").count() == 1
    assert DueCredit.objects.filter(commission__tier=1).count() == 1
    settle_all(at=RELEASED)
    assert wallet_balance(lan()) == 1_099
    assert differences() == []


def test_control_check_then_release_releases_twice(bo: Member, qian: User) -> None:
    def naively(hold: Hold) -> None:
        if Hold.objects.get(pk=hold.pk).released_at:
            raise AlreadyReleased(hold=hold.public_id)
        Event.objects.create(name="risk.released", subject_kind="", subject_id="", at=RELEASED)
        Hold.objects.filter(pk=hold.pk).update(
            released_at=RELEASED, released_by=qian, release_reason="x"
        )

    hold = Hold.objects.get()
    _, second = run_during_transaction(partial(naively, hold), partial(naively, hold))

    # Only the guard of the database separates the two.
    assert "a released hold does not change" in str(second)


def test_a_release_waits_for_the_order_and_queues_the_rest(bo: Member, qian: User) -> None:
    change = partial(ingest, with_refund(received(bo), refund(3_663)), at=RELEASED)

    _, results = run_during_transaction(change, releasing(qian))

    assert results is None
    assert not CommissionHold.objects.exists()
    settle_all(at=RELEASED)
    assert wallet_balance(lan()) == 732
    assert differences() == []


def test_an_order_change_waits_for_the_release(bo: Member, qian: User) -> None:
    change = partial(ingest, with_refund(received(bo), refund(3_663)), at=RELEASED)

    results, (outcome,) = run_during_transaction(releasing(qian), change)

    assert (results, outcome.changed) == (None, True)
    settle_all(at=RELEASED)
    assert wallet_balance(lan()) == 732


def test_concurrent_assessments_open_one_hold(bo: Member) -> None:
    results = run_concurrently(*[partial(assess, lan(), at=NOON + DAY) for _ in range(4)])

    assert {result.outcome for result in results} == {"hold"}
    assert Hold.objects.filter(rule=RuleName.NEW_DISTRIBUTOR).count() == 1
    assert Case.objects.filter(subject_kind="withdrawals.withdrawal").count() == 1


@pytest.fixture
def case(bo: Member, qian: User) -> Case:
    """Return an open case without open holds."""
    releasing(qian)()
    return Case.objects.get()


def suspicious(buyer: Member) -> Any:
    return partial(ingest, order(buyer, number="N-1", contact=PHONE))


def closing(case: Case, by: User) -> Any:
    return partial(close, case=case, by=by, at=RELEASED, reason="all is well")


def test_a_case_with_a_concurrent_hold_stays_open(bo: Member, qian: User, case: Case) -> None:
    _, results = run_during_transaction(suspicious(bo), closing(case, qian))

    assert isinstance(results, CaseHasOpenHolds)
    assert Hold.objects.get(released_at=None).case == case
    assert Case.objects.get().status == Case.Status.OPEN


def test_a_hold_during_the_close_opens_another_case(bo: Member, qian: User, case: Case) -> None:
    results, (outcome,) = run_during_transaction(closing(case, qian), suspicious(bo))

    assert (results, outcome.changed) == (None, True)
    assert Hold.objects.get(released_at=None).case.status == Case.Status.OPEN
    assert sorted(Case.objects.values_list("status", flat=True)) == ["closed", "open"]


def test_concurrent_closes_close_a_case_once(bo: Member, qian: User, case: Case) -> None:
    results = run_concurrently(*[closing(case, qian) for _ in range(3)])

    assert type_names(results) == ["NoneType", "WrongStatus", "WrongStatus"]
    assert Event.objects.filter(name="risk.case_closed").count() == 1
