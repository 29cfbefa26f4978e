"""Concurrent and killed conversions into store credit: the credit is issued once."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections

from common.status import WrongStatus
from ledger import proof
from ledger.chart import Asset, Reason
from ledger.models import Transfer
from ledger.queries import balance
from ledger.services import account
from members.models import Member
from tests.cast import member, staff
from tests.concurrency import run_concurrently
from tests.races.naive import without_locks
from tests.withdrawals.factories import DAY, NOW, YUAN, cash, finance, operations, ready
from withdrawals import lifecycle
from withdrawals.models import Attempt, TaxEntry, TaxYear, Withdrawal
from withdrawals.payouts import start
from withdrawals.services import (
    approve_as_finance,
    approve_as_operations,
    cancel,
    change_policy,
    request_withdrawal,
    start_approved_payouts,
    start_payout,
)

AMOUNT = 300 * YUAN


@pytest.fixture
def lan(committed: str) -> Member:
    return ready(member("Lan"), 1_000 * YUAN)


@pytest.fixture
def row(lan: Member) -> Withdrawal:
    """Return 300 yuan of Lan, approved to become store credit."""
    feng = finance(staff("Feng"))
    change_policy(by=feng, at=NOW, store_credit=True)
    row = request_withdrawal(member=lan, amount=AMOUNT, key="k", channel="store_credit", at=NOW)
    approve_as_operations(withdrawal=row, by=operations(staff("Qian")), at=NOW)
    approve_as_finance(withdrawal=row, by=feng, at=NOW)
    return row


def convert(row: Withdrawal) -> Any:
    return start_payout(withdrawal=Withdrawal.objects.get(pk=row.pk), at=NOW)


def assert_issued_once(who: Member) -> None:
    assert Withdrawal.objects.get().status == "paid"
    assert (cash(who), balance(account(who, Asset.STORE_CREDIT))) == ((70_000, 0, 0), 30_000)
    assert Transfer.objects.filter(reason=Reason.CONVERSION).count() == 2
    assert (Attempt.objects.count(), TaxEntry.objects.count()) == (1, 1)
    assert proof.differences() == []


def assert_nothing_moved(who: Member) -> None:
    assert Withdrawal.objects.get().status == "finance_approved"
    assert cash(who) == (70_000, 30_000, 0)
    assert not Transfer.objects.filter(reason=Reason.CONVERSION).exists()
    assert not Attempt.objects.exists()
    assert not TaxEntry.objects.exists()


def test_eight_concurrent_conversions_issue_the_credit_once(lan: Member, row: Withdrawal) -> None:
    ends = run_concurrently(*[lambda: convert(row)] * 8)

    assert Counter(map(type, ends)) == {Attempt: 1, WrongStatus: 7}
    assert_issued_once(lan)


def test_concurrent_workers_issue_the_credit_once(lan: Member, row: Withdrawal) -> None:
    ends = run_concurrently(*[lambda: start_approved_payouts(at=NOW)] * 4)

    assert sum(ends) == 1
    assert_issued_once(lan)


def test_control_without_locks_two_conversions_meet(
    lan: Member, row: Withdrawal, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Rows that one would otherwise wait for the other to insert.
    account(lan, Asset.STORE_CREDIT)
    TaxYear.objects.create(member=lan, year=NOW.year)
    both, met = threading.Barrier(2), []
    begin = lifecycle.start_paying

    def begin_together(*args: Any, **options: Any) -> None:
        met.append(both.wait(30))
        begin(*args, **options)

    monkeypatch.setattr(start.lifecycle, "start_paying", begin_together)

    ends = run_concurrently(*[lambda: without_locks(lambda: convert(row))] * 2)

    # Both saw an approved withdrawal; the guarded change of the status is the last guard.
    assert len(met) == 2
    assert sum(isinstance(end, Attempt) for end in ends) == 1
    assert_issued_once(lan)


def test_a_conversion_concurrent_with_a_cancellation_pays_or_ends(
    lan: Member, row: Withdrawal
) -> None:
    converted, cancelled = run_concurrently(
        lambda: convert(row),
        lambda: cancel(withdrawal=Withdrawal.objects.get(pk=row.pk), by=lan, at=NOW),
    )

    if isinstance(converted, Attempt):
        assert isinstance(cancelled, WrongStatus)
        assert_issued_once(lan)
    else:
        assert (type(converted), cancelled) == (WrongStatus, None)
        assert cash(lan) == (100_000, 0, 0)


KILL_POINTS = {
    "before the payment starts": (start.lifecycle, "start_paying"),
    "before the tax is reserved": (start.withholding, "reserve"),
    "before the credit is issued": (start.lifecycle, "mark_converted"),
    "after the credit is issued": (start.lifecycle, "record"),
}


@pytest.mark.parametrize("point", KILL_POINTS)
def test_a_killed_conversion_moved_nothing_and_the_next_one_pays(
    lan: Member, row: Withdrawal, point: str
) -> None:
    where, name = KILL_POINTS[point]
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        original, calls = getattr(where, name), []

        def kill(*args: Any, **options: Any) -> Any:
            calls.append(name)
            # The events of the start and of the payment: the last one comes after the credit.
            if name != "record" or len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)

        setattr(where, name, kill)
        with suppress(BaseException):
            convert(row)
        os._exit(0)
    _, status = os.waitpid(pid, 0)

    assert os.WIFSIGNALED(status)
    assert_nothing_moved(lan)
    assert start_approved_payouts(at=NOW) == 1
    assert start_approved_payouts(at=NOW + DAY) == 0
    assert_issued_once(lan)
