"""Sixteen parallel requests with one Idempotency-Key: one withdrawal, one answer."""

from __future__ import annotations

import pytest

from members.models import Member
from tests.api.phone import Phone
from tests.cast import member
from tests.concurrency import run_concurrently
from tests.withdrawals.factories import YUAN, cash, ready
from withdrawals.models import Withdrawal

BODY = {"amount": 300 * YUAN, "channel": "wechat"}


@pytest.fixture
def lan(committed: str) -> Member:
    return ready(member("Lan"), 1_000 * YUAN)


def test_parallel_repetitions_are_one_withdrawal(lan: Member) -> None:
    phone = Phone(lan)

    answers = run_concurrently(*[lambda: phone.post("/withdrawals", BODY, key="k")] * 16)

    row = Withdrawal.objects.get()
    assert cash(lan) == (700 * YUAN, 300 * YUAN, 0)
    made = [answer for answer in answers if answer.status_code == 201]
    waiting = [answer for answer in answers if answer.status_code == 409]
    assert len(made) >= 1
    assert len(made) + len(waiting) == 16
    assert {answer.json()["code"] for answer in waiting} <= {"in_progress"}
    assert {answer.json()["id"] for answer in made} == {row.public_id}
    assert all(answer.json() == made[0].json() for answer in made)
    later = phone.post("/withdrawals", BODY, key="k")
    assert (later.status_code, later.json()) == (201, made[0].json())


def test_parallel_requests_with_keys_of_their_own_are_one_open_withdrawal(lan: Member) -> None:
    phones = [Phone(lan) for _ in range(8)]

    answers = run_concurrently(*[
        lambda phone=phone, number=number: phone.post("/withdrawals", BODY, key=f"k-{number}")
        for number, phone in enumerate(phones)
    ])  # fmt: skip

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert Withdrawal.objects.count() == 1
    assert cash(lan) == (700 * YUAN, 300 * YUAN, 0)
