"""A posting in flight during a close counts in that month or in the next."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from closing.controls import findings
from closing.models import Control
from closing.services import month_close, sign_month, top_up
from closing.services.month_close import ControlsFailed
from ledger import hash_chain
from ledger.chart import Asset, Kind, Reason
from ledger.models import Period, Transfer
from ledger.services import (
    Source,
    account,
    hash_period,
    periods,
    platform_account,
    posting_sql,
    sign_period,
    transfer,
    transfers,
)
from members.models import Member, User
from tests.cast import NOON, staff
from tests.closing.books import DECEMBER, NOVEMBER
from tests.concurrency import run_concurrently, run_during_transaction
from tests.ledger.money import earn
from tests.withdrawals import factories

THE_30TH = date(2026, 11, 30)
FIRST_MOMENT = DECEMBER - timedelta(days=2, hours=10)


@pytest.fixture
def fang(mei: Member) -> User:
    """Return the second signer, after Feng signed."""
    earn(mei, 500, "first")
    sign_period(month=NOVEMBER, by=staff("Feng"), at=DECEMBER)
    return staff("Fang")


def close(fang: User) -> Period:
    """Close and hash in one transaction, so that the hash sees the same transfers."""
    return hash_period(period=sign_period(month=NOVEMBER, by=fang, at=DECEMBER), at=DECEMBER)


def test_the_close_waits_for_a_posting_in_flight(mei: Member, fang: User) -> None:
    posted, period = run_during_transaction(partial(earn, mei, 100, "open"), partial(close, fang))

    assert posted.effective_at == NOON
    assert period.transfer_count == 2
    assert hash_chain.first_break() is None


def test_a_posting_during_the_close_counts_in_the_next_month(mei: Member, fang: User) -> None:
    period, posted = run_during_transaction(partial(close, fang), partial(earn, mei, 100, "late"))

    assert period.transfer_count == 1
    assert (posted.effective_at, posted.occurred_at) == (FIRST_MOMENT, NOON)
    assert hash_chain.first_break() is None


def test_control_without_the_lock_a_posting_slips_into_the_closed_month(
    mei: Member, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfers.sql, "LOCK_PERIOD_SHARED", "SELECT 1")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER in_open_period")

    posted, period = run_during_transaction(partial(earn, mei, 100, "open"), partial(close, fang))

    assert (posted.effective_at, period.transfer_count) == (NOON, 1)
    broken = hash_chain.first_break()
    assert broken
    assert broken.computed.transfer_count == 2


def test_a_later_posting_with_a_locked_account_does_not_deadlock(mei: Member, fang: User) -> None:
    """Services lock accounts before they post: see ``lock_cash_accounts``."""
    results = run_concurrently(
        *(partial(earn, mei, 100, f"k-{n}") for n in range(8)),
        partial(close, fang),
        *(partial(earn, mei, 100, f"l-{n}") for n in range(8)),
    )

    assert [result for result in results if isinstance(result, Exception)] == []
    assert posting_sql.LOCK_PERIOD_SHARED
    assert hash_chain.first_break() is None


def post_stray_tax(key: str) -> Transfer:
    """Post tax that was never withheld in November, so that a control fails."""
    return transfer(
        key=key, debit=platform_account(Kind.BANK), credit=platform_account(Kind.TAX_PAYABLE),
        amount=7, reason=Reason.TREASURY, source=Source("tests.slip", "1"), effective_at=NOON,
    )  # fmt: skip


@pytest.fixture
def wei(committed: str) -> User:
    """Return the second signer of a month without differences, after Feng signed."""
    feng, wei = (factories.may(staff(name), "sign_period") for name in ("Feng", "Wei"))
    top_up(document="T1", amount=7, by=factories.may(feng, "post_documents"), at=NOON)
    sign_month(month=NOVEMBER, by=feng, at=DECEMBER)
    return wei


def test_a_posting_in_flight_during_the_controls_is_checked(wei: User) -> None:
    posted, refusal = run_during_transaction(
        partial(post_stray_tax, "x"), partial(sign_month, month=NOVEMBER, by=wei, at=DECEMBER)
    )

    assert isinstance(refusal, ControlsFailed)
    assert Period.objects.get().closed_at is None
    assert posted.effective_at == NOON


def test_control_checking_only_before_the_lock_closes_a_month_with_differences(
    wei: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(month_close.controls, "SLOW_CONTROLS", frozenset(Control))

    _, period = run_during_transaction(
        partial(post_stray_tax, "x"), partial(sign_month, month=NOVEMBER, by=wei, at=DECEMBER)
    )

    assert period.closed_at == DECEMBER
    assert findings(THE_30TH)[Control.TAX]


def test_a_close_that_waits_lets_other_postings_through(
    mei: Member, lan: Member, fang: User
) -> None:
    long, period, posted = post_behind_a_waiting_close(mei, lan, fang)

    assert [long.amount, posted.amount] == [100, 7]
    assert period.transfer_count == 3
    assert hash_chain.first_break() is None


def test_control_a_close_that_waits_without_limit_stops_other_postings(
    mei: Member, lan: Member, fang: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "CLOSE_WAIT_MS", 0)

    _, period, refused = post_behind_a_waiting_close(mei, lan, fang)

    assert isinstance(refused, OperationalError)
    assert "lock timeout" in str(refused)
    assert period.transfer_count == 2


def post_behind_a_waiting_close(mei: Member, lan: Member, fang: User) -> list[Any]:
    """Post to Lan, who waits two seconds at most, while the close waits for a posting to Mei."""
    account(lan, Asset.CASH)
    opened, done = threading.Event(), threading.Event()

    def post_and_stay_open() -> Transfer:
        with transaction.atomic():
            posted = earn(mei, 100, "long")
            opened.set()
            assert done.wait(60)
        return posted

    def close_meanwhile() -> Period:
        assert opened.wait(30)
        return close(fang)

    def post_behind() -> Transfer:
        try:
            wait_until_someone_waits()
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                return earn(lan, 7, "short")
        finally:
            done.set()

    return run_concurrently(post_and_stay_open, close_meanwhile, post_behind)


def wait_until_someone_waits() -> None:
    """Return once a transaction waits for the lock of the months."""
    latest = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < latest:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
