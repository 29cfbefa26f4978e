"""A conflict that is filed while the order is settled: credited before, or held."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from commissions.models import Commission, CommissionHold, DueCredit
from commissions.services import dismiss_conflicts, settle
from ledger.proof import differences
from members.models import Member, User
from orders.intake import ingest_orders
from orders.models import OrderConflict
from tests.cast import CLOCK, give, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    ingest,
    line,
    open_shop,
    order,
    settle_all,
    wallet_balance,
)

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def bo(committed: str) -> Member:
    buyer = open_shop()
    ingest(order(buyer, received=True))
    return buyer


@pytest.fixture
def qian(bo: Member) -> User:
    return give(staff("Qian"), "decide_orderconflict")


def contradict(bo: Member, number: str = "O-1", source: str = "mall") -> Any:
    wrong = order(bo, line(price=9_990), number=number)
    return partial(ingest_orders, [wrong], at=RELEASED, clock=CLOCK, source=source)


def balance() -> int:
    return wallet_balance(Member.objects.get(nickname="Lan"))


def test_a_conflict_filed_during_settlement_finds_the_credit(bo: Member) -> None:
    credited, results = run_during_transaction(partial(settle, at=RELEASED), contradict(bo))

    assert (credited, results[0].error.code) == (2, "snapshot_conflict")
    assert OrderConflict.objects.get().status == "open"
    assert (balance(), CommissionHold.objects.count()) == (1_099, 0)
    assert differences() == []


def test_a_settlement_while_a_conflict_is_filed_credits_nothing(bo: Member) -> None:
    _results, credited = run_during_transaction(contradict(bo), partial(settle, at=RELEASED))

    assert credited == 0
    assert settle_all(at=RELEASED) == 0
    assert (balance(), CommissionHold.objects.count()) == (0, 2)
    assert not DueCredit.objects.exists()


def test_control_without_its_follower_a_conflict_holds_nothing(
    bo: Member, settings: Settings
) -> None:
    settings.FLOWS = "tests.events.followers"
    contradict(bo)()

    assert settle_all(at=RELEASED) == 2


def test_first_reports_at_once_file_one_conflict(bo: Member) -> None:
    results = run_concurrently(*[contradict(bo)] * 5)

    assert [row[0].error.code for row in results] == ["snapshot_conflict"] * 5
    assert OrderConflict.objects.count() == 1
    assert CommissionHold.objects.count() == 2


def test_first_reports_of_an_unknown_order_file_one_conflict(bo: Member) -> None:
    wrong = order(bo, number="O-9", received_at=PLACED - 30 * DAY)
    report = partial(ingest_orders, [wrong], at=RELEASED, clock=CLOCK)

    results = run_concurrently(*[report] * 5)

    assert [row[0].error.code for row in results] == ["implausible_time"] * 5
    assert OrderConflict.objects.count() == 1


def test_of_two_decisions_one_counts(bo: Member, qian: User) -> None:
    contradict(bo)()
    dismiss = partial(
        dismiss_conflicts, conflicts=list(OrderConflict.objects.all()), reason="a typing error",
        by=qian, at=RELEASED,
    )  # fmt: skip

    errors = run_concurrently(dismiss, dismiss)

    assert sorted(type(error).__name__ for error in errors) == ["ConflictNotOpen", "NoneType"]
    assert settle_all(at=RELEASED) == 2


def test_a_decision_waits_for_a_report_that_ends_the_conflict(bo: Member, qian: User) -> None:
    contradict(bo)()
    dismiss = partial(
        dismiss_conflicts, conflicts=list(OrderConflict.objects.all()), reason="a typing error",
        by=qian, at=RELEASED,
    )  # fmt: skip

    _, error = run_during_transaction(partial(ingest, order(bo)), dismiss)

    assert type(error).__name__ == "ConflictNotOpen"
    assert OrderConflict.objects.get().status == "resolved"


def test_reports_decisions_and_settlements_do_not_deadlock(bo: Member, qian: User) -> None:
    numbers = [f"P-{number}" for number in range(6)]
    ingest(*(order(bo, number=number, received=True) for number in numbers))
    for number in numbers:
        contradict(bo, number)()
    dismiss = partial(
        dismiss_conflicts, conflicts=list(OrderConflict.objects.all()), reason="a typing error",
        by=qian, at=RELEASED,
    )  # fmt: skip

    results = run_concurrently(
        dismiss,
        *(contradict(bo, number, "import") for number in numbers),
        partial(settle_all, at=RELEASED),
        partial(ingest, *(order(bo, number=number) for number in reversed(numbers))),
    )

    faults = [row for row in results if isinstance(row, Exception)]
    assert [row for row in faults if type(row).__name__ != "ConflictNotOpen"] == []
    settle_all(at=RELEASED)
    held = set(CommissionHold.objects.values_list("commission__line__order__number", flat=True))
    disputed = set(OrderConflict.objects.open().values_list("number", flat=True))
    assert held <= disputed
    uncredited = Commission.objects.exclude(status="credited")
    assert set(uncredited.values_list("line__order__number", flat=True)) == held
    assert differences() == []
