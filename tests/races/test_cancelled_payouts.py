"""When finance cancels a payment while a worker sends it, exactly one of them wins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import F

from ledger import proof
from members.models import User
from tests.cast import member, staff
from tests.wechatpay import Paid, Server
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, finance, operations, ready
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals import eligibility
from withdrawals.models import Attempt, Withdrawal
from withdrawals.payouts import claim
from withdrawals.payouts.leases import Lease
from withdrawals.payouts.start import load_instruction
from withdrawals.services import (
    authorize,
    cancel_at_provider,
    process_attempt,
    process_due_attempts,
    start_approved_payouts,
    start_payout,
)

AMOUNT = 300 * YUAN
STEP = timedelta(minutes=10)


@pytest.fixture
def server() -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server, confirmed=False, timeout=(3, 5)):
        yield server


@pytest.fixture
def feng(committed: str) -> User:
    return finance(staff("Feng"))


@pytest.fixture
def attempt(committed: str, server: Server, feng: User) -> Attempt:
    """Return an unsent attempt to pay Lan 300 yuan without confirmation."""
    lan = ready(member("Lan"), 1_000 * YUAN)
    authorize(member=lan, authorization=server.authorize("openid-of-lan"), at=NOW)
    attempt = start_payout(
        withdrawal=approved(lan, AMOUNT, operations(staff("Qian")), feng), at=NOW
    )
    assert attempt
    return attempt


@pytest.fixture
def cancel_first(feng: User) -> Callable[..., Any]:
    """Cancel the payment just before the worker commits its decision to send."""
    ends: list[Any] = []

    def other() -> None:
        try:
            ends.append(cancel_at_provider(withdrawal=Withdrawal.objects.get(), by=feng, at=NOW))
        finally:
            connections.close_all()

    def before(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if '"withdrawals_channel"' in sql:  # after the claim, before the row is locked again
            before_counting()
        return execute(sql, params, many, context)

    def before_counting() -> None:
        if not ends:
            thread = threading.Thread(target=other)
            thread.start()
            thread.join(20)

    before.now = before_counting  # type: ignore[attr-defined]
    return before


def pay_on(server: Server) -> None:
    for days in (0, 2):
        start_approved_payouts(at=NOW + days * DAY)
        for step in range(1, 6):
            server.pass_time(seconds=STEP.total_seconds())
            process_due_attempts(at=NOW + days * DAY + step * STEP)


def test_a_payment_cancelled_just_before_is_not_sent(
    attempt: Attempt, server: Server, cancel_first: Callable[..., Any]
) -> None:
    with connection.execute_wrapper(cancel_first):
        assert process_attempt(attempt=attempt.pk, at=NOW) is None

    attempt.refresh_from_db()
    assert (attempt.state, attempt.send_count, server.bills) == ("cancelled", 0, {})
    pay_on(server)
    assert server.paid_to("openid-of-lan") == Paid(times=1, amount=AMOUNT)
    assert Withdrawal.objects.get().status == "paid"
    assert proof.differences() == []


def test_control_without_the_row_lock_a_cancelled_payment_is_paid_twice(
    attempt: Attempt,
    server: Server,
    cancel_first: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def check_without_lock(attempts: list[Attempt], lease: Lease) -> list[claim.Call]:
        unended = [row for row in attempts if Attempt.objects.get(pk=row.pk).ended_at is None]
        cancel_first.now()  # type: ignore[attr-defined]
        Attempt.objects.filter(pk__in=[row.pk for row in unended], ended_at=None).update(
            send_count=F("send_count") + 1
        )
        return [claim.Call(row, load_instruction(row), lease) for row in unended]

    with monkeypatch.context() as patched:
        patched.setattr(claim, "prepare_sends", check_without_lock)
        process_attempt(attempt=attempt.pk, at=NOW)
    # The late reply would block the next payment: a second guard, switched off here.
    monkeypatch.setattr(eligibility, "outcome_mismatches", lambda _withdrawals: set())
    pay_on(server)

    assert server.paid_to("openid-of-lan") == Paid(times=2, amount=2 * AMOUNT)
