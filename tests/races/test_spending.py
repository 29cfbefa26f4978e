"""A wallet is spent once and given back once, however many requests arrive together."""

from __future__ import annotations

from functools import partial

import pytest

from ledger.chart import Asset
from ledger.proof import differences
from ledger.services import spend, unspend
from ledger.services.errors import InsufficientFunds
from ledger.services.spending import UnspendExceedsSpent
from tests.cast import NOON, member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.ledger.test_spending import give
from tests.shop import wallet_balance

pytestmark = pytest.mark.usefixtures("committed")

CREDIT = Asset.STORE_CREDIT


def test_parallel_spends_take_what_is_there() -> None:
    lan = give(member("Lan"), 1_000)
    actions = [
        partial(spend, key=f"p{number}", member=lan, asset=CREDIT, amount=300, order="O-1", at=NOON)
        for number in range(6)
    ]

    results = run_concurrently(*actions)

    assert sum(isinstance(row, InsufficientFunds) for row in results) == 3, results
    assert wallet_balance(lan, CREDIT) == 100


def test_one_key_in_parallel_spends_once_and_gives_back_once() -> None:
    lan = give(member("Lan"), 1_000)
    buy = partial(spend, key="p1", member=lan, asset=CREDIT, amount=300, order="O-1", at=NOON)
    assert len({row.pk for row in run_concurrently(*[buy] * 6)}) == 1
    assert wallet_balance(lan, CREDIT) == 700

    back = [
        partial(unspend, key=f"r{number}", asset=CREDIT, of="p1", amount=200, at=NOON)
        for number in range(6)
    ]
    results = run_concurrently(*back)

    assert sum(isinstance(row, UnspendExceedsSpent) for row in results) == 5, results
    assert wallet_balance(lan, CREDIT) == 900
    assert differences() == []


def test_control_without_the_lock_more_is_given_back_than_was_spent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger.services.spending.lock_accounts", list)
    lan = give(member("Lan"), 1_000)
    spend(key="p1", member=lan, asset=CREDIT, amount=300, order="O-1", at=NOON)
    first, second = (
        partial(unspend, key=key, asset=CREDIT, of="p1", amount=200, at=NOON)
        for key in ("r1", "r2")
    )

    run_during_transaction(first, second)

    assert wallet_balance(lan, CREDIT) == 1_100
