"""Concurrent requests for an authorization are one; its end and a payout never meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from common.status import WrongStatus
from ledger import proof
from members.models import Member, User
from tests.cast import member, staff
from tests.concurrency import run_concurrently
from tests.wechatpay import Server
from tests.withdrawals.factories import DAY, NOW, YUAN, approved, finance, operations, ready
from tests.withdrawals.wechat import a_server, paying_through
from withdrawals.models import Attempt, PayoutAuthorization, Withdrawal
from withdrawals.services import (
    ask_authorization,
    change_policy,
    check_authorization,
    close_authorization,
    process_due_attempts,
    start_approved_payouts,
)

AMOUNT = 300 * YUAN


@pytest.fixture
def server(committed: str) -> Iterator[Server]:
    with a_server(NOW) as server, paying_through(server, timeout=(3, 5)):
        yield server


@pytest.fixture
def feng(committed: str) -> User:
    return finance(staff("Feng"))


@pytest.fixture
def lan(server: Server, feng: User) -> Member:
    change_policy(by=feng, at=NOW, authorizations=True)
    return ready(member("Lan"), 1_000 * YUAN)


def test_eight_concurrent_requests_are_one_authorization(lan: Member, server: Server) -> None:
    ends = run_concurrently(*[lambda: ask_authorization(member=lan, at=NOW)] * 8)

    assert {end.number for end in ends} == {PayoutAuthorization.objects.get().number}
    assert len(server.authorized()) == 1


def test_concurrent_answers_let_it_take_effect_once(lan: Member, server: Server) -> None:
    row = ask_authorization(member=lan, at=NOW)
    server.grant(row.number)

    ends = run_concurrently(*[lambda: check_authorization(member=lan, at=NOW)] * 8)

    assert {(end.status, end.evidence_id) for end in ends} == {
        ("taking_effect", PayoutAuthorization.objects.get().evidence_id)
    }


def test_an_end_concurrent_with_a_payout_pays_once_or_is_collected(
    lan: Member, server: Server, feng: User
) -> None:
    server.grant(ask_authorization(member=lan, at=NOW).number)
    check_authorization(member=lan, at=NOW)
    row = approved(lan, AMOUNT, operations(staff("Qian")), feng)
    assert row.status == "finance_approved"

    def pay() -> Any:
        started = start_approved_payouts(at=NOW)
        process_due_attempts(at=NOW)
        return started

    started, ended = run_concurrently(pay, lambda: close_authorization(member=lan, at=NOW))

    assert isinstance(ended, PayoutAuthorization), ended
    assert not isinstance(started, Exception) or isinstance(started, WrongStatus)
    process_due_attempts(at=NOW + DAY)
    row.refresh_from_db()
    paid = server.paid_to("openid-of-lan").times
    assert paid == (row.status == "paid")
    assert row.status in {"paid", "paying", "ready_to_collect"}
    assert Attempt.objects.live().count() <= 1
    assert Withdrawal.objects.count() == 1
    assert proof.differences() == []
