"""Concurrent requests, reviews and payments: money leaves once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError

from common.status import WrongStatus
from ledger import proof
from ledger.chart import Asset, Kind
from ledger.models import Account
from members.models import Member, User
from tests.cast import member, staff
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
    with_refund,
)
from tests.withdrawals.factories import (
    NOW,
    YUAN,
    approved,
    asked,
    cash,
    finance,
    operations,
    ready,
)
from withdrawals import gateways
from withdrawals.cash_accounts import CashAccounts
from withdrawals.errors import Blocked
from withdrawals.gateways.sandbox import SandboxGateway
from withdrawals.models import Attempt, RejectionReason, Withdrawal
from withdrawals.services import (
    approve_as_operations,
    cancel,
    process_attempt,
    process_due_attempts,
    reject,
    request_withdrawal,
    start_payout,
)

FULL = 1_000 * YUAN


@pytest.fixture
def lan(committed: str) -> Member:
    return ready(member("Lan"), FULL)


@pytest.fixture
def qian(committed: str) -> User:
    return operations(staff("Qian"))


@pytest.fixture
def feng(committed: str) -> User:
    return finance(staff("Feng"))


@pytest.fixture
def odd(committed: str) -> RejectionReason:
    return RejectionReason.objects.create(code="odd", label="Odd")


@pytest.fixture
def sandbox(committed: str) -> SandboxGateway:
    gateways._create_gateway.cache_clear()
    gateway = gateways.gateway("sandbox")
    assert isinstance(gateway, SandboxGateway)
    return gateway


def assert_sound(who: Member) -> None:
    """Check that held money equals open requests and balances equal their transfers."""
    held = sum(Withdrawal.objects.open().filter(member=who).values_list("gross", flat=True))
    assert cash(who)[1] == held
    assert proof.differences() == []


def kinds(ends: list[Any]) -> Counter[type]:
    return Counter(type(end) for end in ends)


def test_eight_concurrent_requests_of_the_full_balance_hold_it_once(lan: Member) -> None:
    ends = run_concurrently(
        *[
            partial(request_withdrawal, member=lan, amount=FULL, key=f"k-{number}", at=NOW)
            for number in range(8)
        ]
    )

    assert kinds(ends) == {Withdrawal: 1, Blocked: 7}
    assert cash(lan) == (0, FULL, 0)
    assert_sound(lan)


def test_eight_concurrent_requests_with_one_key_are_one_request(lan: Member) -> None:
    ends = run_concurrently(
        *[partial(request_withdrawal, member=lan, amount=100, key="k", at=NOW)] * 8
    )

    assert {end.pk for end in ends} == {Withdrawal.objects.get().pk}
    assert_sound(lan)


def test_control_without_the_lock_both_requests_see_enough_money(
    lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = threading.Barrier(2)

    def read_only(who: Member) -> CashAccounts:
        rows = Account.objects.filter(member=who, asset=Asset.CASH)
        accounts = {account.kind: account for account in rows}
        both.wait(30)
        return CashAccounts(accounts[Kind.WALLET], accounts[Kind.HELD], accounts[Kind.OWED])

    for module in ("request", "quote"):
        monkeypatch.setattr(f"withdrawals.requests.{module}.lock_cash_accounts", read_only)

    ends = run_concurrently(
        partial(request_withdrawal, member=lan, amount=FULL, key="a", at=NOW),
        partial(request_withdrawal, member=lan, amount=FULL, key="b", at=NOW),
    )

    # Neither request saw a blocker; the database is the last guard.
    assert kinds(ends) == {Withdrawal: 1, IntegrityError: 1}
    assert_sound(lan)


@pytest.fixture
def do(qian: User, odd: RejectionReason) -> Callable[[str], Any]:
    """Return a function that applies the named verb to the only withdrawal."""
    verbs: dict[str, Callable[[Withdrawal], Any]] = {
        "approve": lambda row: approve_as_operations(withdrawal=row, by=qian, at=NOW),
        "reject": lambda row: reject(withdrawal=row, by=qian, at=NOW, reason=odd),
        "cancel": lambda row: cancel(withdrawal=row, by=row.member, at=NOW),
    }
    return lambda verb: verbs[verb](Withdrawal.objects.get())


ENDS = {"reject": "rejected", "cancel": "cancelled"}


@pytest.mark.parametrize(
    ("first", "second"), [("reject", "reject"), ("cancel", "cancel"), ("reject", "cancel")]
)
def test_only_one_of_two_concurrent_ends_succeeds(
    lan: Member, do: Callable[[str], Any], first: str, second: str
) -> None:
    asked(lan, 300 * YUAN)

    ends = run_concurrently(*[partial(do, verb) for verb in (first, second)] * 4)

    assert kinds(ends) == {type(None): 1, WrongStatus: 7}
    assert Withdrawal.objects.get().status in {ENDS[first], ENDS[second]}
    assert cash(lan) == (FULL, 0, 0)
    assert_sound(lan)


@pytest.mark.parametrize("end", ["reject", "cancel"])
def test_an_approval_concurrent_with_an_end_leaves_it_ended(
    lan: Member, do: Callable[[str], Any], end: str
) -> None:
    asked(lan, 300 * YUAN)

    ended, approved_ = run_concurrently(partial(do, end), partial(do, "approve"))

    # In either order: an approved withdrawal may still end, an ended one is not approved.
    assert ended is None
    assert approved_ is True or isinstance(approved_, WrongStatus)
    assert Withdrawal.objects.get().status == ENDS[end]
    assert_sound(lan)


def test_eight_concurrent_approvals_have_one_effect(lan: Member, qian: User, feng: User) -> None:
    key = asked(lan, 300 * YUAN).pk
    people = [operations(staff(f"Wei{number}")) for number in range(8)]

    def approve(by: User) -> bool:
        return approve_as_operations(withdrawal=Withdrawal.objects.get(pk=key), by=by, at=NOW)

    ends = run_concurrently(*[partial(approve, person) for person in people])

    assert kinds(ends) == {bool: 1, WrongStatus: 7}


def test_eight_concurrent_starts_create_one_attempt(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    key = approved(lan, 300 * YUAN, qian, feng).pk

    def start() -> Any:
        return start_payout(withdrawal=Withdrawal.objects.get(pk=key), at=NOW)

    ends = run_concurrently(*[start] * 8)

    assert kinds(ends) == {Attempt: 1, WrongStatus: 7}
    assert_sound(lan)


def test_a_start_concurrent_with_an_end_pays_or_ends(
    lan: Member, qian: User, feng: User, odd: RejectionReason, sandbox: SandboxGateway
) -> None:
    key = approved(lan, 300 * YUAN, qian, feng).pk

    def start() -> Any:
        return start_payout(withdrawal=Withdrawal.objects.get(pk=key), at=NOW)

    def stop() -> Any:
        return cancel(withdrawal=Withdrawal.objects.get(pk=key), by=lan, at=NOW)

    started, stopped = run_concurrently(start, stop)

    if isinstance(started, Attempt):
        assert isinstance(stopped, WrongStatus)
        assert Withdrawal.objects.get().status == "paying"
    else:
        assert (type(started), stopped) == (WrongStatus, None)
        assert cash(lan) == (FULL, 0, 0)
    assert_sound(lan)


def test_an_attempt_is_leased_to_one_worker(
    lan: Member, qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    attempt = start_payout(withdrawal=approved(lan, 300 * YUAN, qian, feng), at=NOW)
    assert attempt

    ends = run_concurrently(*[partial(process_attempt, attempt=attempt.pk, at=NOW)] * 8)

    assert sum(end is not None for end in ends) >= 1
    attempt.refresh_from_db()
    assert attempt.send_count == 1
    run_concurrently(*[partial(process_due_attempts, at=NOW + DAY)] * 4)
    assert [bill.out_bill_no for bill in sandbox.paid()] == [attempt.out_bill_no]
    assert_sound(lan)


@pytest.fixture
def earner(committed: str) -> tuple[Member, Any]:
    """Return Lan, who earned 10.99 from an order of Bo, and the order, still refundable."""
    bo = open_shop()
    snapshot = order(bo, received=True)
    ingest(snapshot)
    settle_all(at=PLACED + 3 * DAY + WEEK)
    lan = Member.objects.get(nickname="Lan")
    return ready(lan), snapshot


LATER = PLACED + 20 * DAY
STEPS: dict[str, Callable[[Member, User, User], Any]] = {
    "request": lambda lan, _q, _f: asked(lan, 1_000, at=LATER),
    "approve": lambda lan, qian, _f: approve_as_operations(
        withdrawal=Withdrawal.objects.get(member=lan), by=qian, at=LATER
    ),
    "start_payout": lambda lan, _q, _f: start_payout(
        withdrawal=Withdrawal.objects.get(member=lan), at=LATER
    ),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_refund_concurrent_with_each_step_balances(
    earner: tuple[Member, Any], qian: User, feng: User, sandbox: SandboxGateway, step: str
) -> None:
    lan, snapshot = earner
    if step == "approve":
        asked(lan, 1_000, at=LATER)
    elif step == "start_payout":
        approved(lan, 1_000, qian, feng, at=LATER)

    run_concurrently(
        lambda: STEPS[step](lan, qian, feng),
        lambda: ingest(with_refund(snapshot, refund(10_990, quantity=1)), at=LATER),
    )

    # 1,099 fen earned and clawed back: only a payment started before is in progress.
    wallet, held, owed = cash(lan)
    open_withdrawals = Withdrawal.objects.filter(member=lan).open()
    if open_withdrawals.exists():
        assert step == "start_payout"
        assert open_withdrawals.get().status == "paying"
        assert (wallet, held, owed) == (0, 1_000, 1_000)
    else:
        assert (wallet, held, owed) == (0, 0, 0)
    assert_sound(lan)


def test_a_clawback_while_money_is_held_cancels_and_repays_the_debt(
    earner: tuple[Member, Any], qian: User, feng: User
) -> None:
    lan, snapshot = earner
    approved(lan, 1_000, qian, feng, at=LATER)

    ingest(with_refund(snapshot, refund(10_990, quantity=1)), at=LATER)

    withdrawal = Withdrawal.objects.get()
    assert (withdrawal.status, withdrawal.end_reason, cash(lan)) == ("cancelled", "debt", (0, 0, 0))


def test_a_clawback_during_the_payment_leaves_a_debt(
    earner: tuple[Member, Any], qian: User, feng: User, sandbox: SandboxGateway
) -> None:
    lan, snapshot = earner
    start_payout(withdrawal=approved(lan, 1_000, qian, feng, at=LATER), at=LATER)

    process_due_attempts(at=LATER)
    ingest(with_refund(snapshot, refund(10_990, quantity=1)), at=LATER)
    process_due_attempts(at=LATER + DAY)

    assert (Withdrawal.objects.get().status, cash(lan)) == ("paid", (0, 0, 1_000))
    assert_sound(lan)


def test_an_approval_waiting_for_a_clawback_sees_it(earner: tuple[Member, Any], qian: User) -> None:
    lan, snapshot = earner
    key = asked(lan, 1_000, at=LATER).pk

    _, second = run_during_transaction(
        lambda: ingest(with_refund(snapshot, refund(10_990, quantity=1)), at=LATER),
        lambda: approve_as_operations(withdrawal=Withdrawal.objects.get(pk=key), by=qian, at=LATER),
    )

    assert isinstance(second, WrongStatus)
    assert cash(lan) == (0, 0, 0)
