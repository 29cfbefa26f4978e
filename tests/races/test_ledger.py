"""Races of ledger postings; controls show them without the guard."""

from __future__ import annotations

import threading
from collections import Counter
from functools import partial

import pytest
from django.db import DatabaseError, connection, transaction

from ledger import proof
from ledger.chart import Kind
from ledger.models import Account, Transfer
from ledger.services import open_wallets, platform_account, reverse, transfer_many
from ledger.services.errors import InsufficientFunds, KeyReused
from ledger.services.transfers import PostingResult
from members.models import Member
from tests.cast import NOON, member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.ledger.money import SOURCE, balance, cash, earn, expense, move, spend
from tests.ledger.test_debt import claw
from tests.ledger.test_transfer_many import credit
from tests.races.naive import debit_by_read_and_write, post_in_one_statement, switch_guards_off


def test_ten_of_30_parallel_debits_of_100_from_1000_succeed(mei: Member) -> None:
    earn(mei, 1_000, "in")

    ends = run_concurrently(*(partial(spend, mei, 100, f"out:{n}") for n in range(30)))

    kinds = Counter(type(end) for end in ends)
    assert kinds == {Transfer: 10, InsufficientFunds: 20}
    assert InsufficientFunds.code == "insufficient_funds"
    assert balance(mei) == 0
    assert proof.differences() == []


def test_control_without_the_guard_debits_exceed_the_balance(mei: Member) -> None:
    earn(mei, 1_000, "in")
    switch_guards_off()
    wallet, meet = cash(mei), threading.Barrier(30)

    ends = run_concurrently(
        *(
            partial(debit_by_read_and_write, wallet, f"out:{n}", 100, partial(meet.wait, 30))
            for n in range(30)
        )
    )

    assert ends.count(True) > 10
    assert proof.differences() != []


def test_one_key_from_16_threads_is_posted_once(mei: Member) -> None:
    ends = run_concurrently(*(partial(earn, mei, 500, "commission:1:credit") for _ in range(16)))

    assert len({end.pk for end in ends}) == 1
    assert balance(mei) == 500
    assert proof.differences() == []


def test_one_key_between_unlocked_platform_accounts_is_posted_once(mei: Member) -> None:
    bank, provider = platform_account(Kind.BANK), platform_account(Kind.PROVIDER_BALANCE)

    ends = run_concurrently(*(partial(move, "top-up:1", bank, provider, 500) for _ in range(16)))

    assert len({end.pk for end in ends}) == 1
    assert Transfer.objects.count() == 1


def test_one_key_for_two_wallets_is_posted_to_one_and_refused_for_the_other(
    mei: Member, lan: Member
) -> None:
    ends = run_concurrently(*(partial(earn, who, 500, "a") for who in (mei, lan) * 4))

    kinds = Counter(type(end) for end in ends)
    assert kinds == {Transfer: 4, KeyReused: 4}
    assert balance(mei) + balance(lan) == 500
    assert proof.differences() == []


@pytest.mark.parametrize("second", [range(200), range(100, 300)], ids=["same", "overlapping"])
def test_two_sessions_posting_the_same_keys_count_each_once(
    mei: Member, lan: Member, second: range
) -> None:
    wallets = [cash(mei), cash(lan)]
    batches = [[credit(wallets[n % 2], f"key:{n}") for n in keys] for keys in (range(200), second)]

    ends = run_concurrently(*(partial(transfer_many, batch) for batch in batches))

    assert all(isinstance(end, PostingResult) for end in ends)
    assert sum(end.posted for end in ends) == len({*range(200), *second})
    assert balance(mei) + balance(lan) == 100 * len({*range(200), *second})
    assert proof.differences() == []


@pytest.mark.parametrize("second", [range(200), range(100, 300)], ids=["same", "overlapping"])
def test_control_a_single_statement_corrupts_the_balances(mei: Member, second: range) -> None:
    switch_guards_off()
    wallet = cash(mei)
    batches = [[credit(wallet, f"key:{n}") for n in keys] for keys in (range(200), second)]

    ends = run_during_transaction(*(partial(post_in_one_statement, batch) for batch in batches))

    assert ends == [None, None]

    assert proof.differences() != []


def test_batches_over_the_same_accounts_in_opposite_order_do_not_deadlock(committed: str) -> None:
    people = [member(f"P{n}") for n in range(20)]
    open_wallets(people)
    wallets = [cash(person) for person in people]

    def post(turn: int) -> PostingResult:
        ordered = wallets if turn % 2 else wallets[::-1]
        return transfer_many([credit(wallet, f"{turn}:{wallet.pk}") for wallet in ordered])

    ends = run_concurrently(*(partial(post, turn) for turn in range(12)))

    assert {end.posted for end in ends} == {20}
    assert {balance(person) for person in people} == {1_200}
    assert proof.differences() == []


def test_a_transfer_is_reversed_once_by_8_threads(mei: Member) -> None:
    earned = earn(mei, 500, "a")

    ends = run_concurrently(
        *(partial(reverse, original=earned, source=SOURCE, effective_at=NOON) for _ in range(8))
    )

    assert len({end.pk for end in ends}) == 1
    assert balance(mei) == 0


def test_one_clawback_from_8_threads_against_credits_takes_its_amount_once(mei: Member) -> None:
    earn(mei, 100, "a")
    clawbacks = [partial(claw, mei, 300) for _ in range(8)]
    credited = [partial(earn, mei, 60, f"in:{n}") for n in range(8)]

    ends = run_concurrently(*clawbacks, *credited)

    assert not [end for end in ends if isinstance(end, Exception)]
    assert balance(mei) - balance(mei, Kind.OWED) == 100 + 8 * 60 - 300
    assert min(balance(mei), balance(mei, Kind.OWED)) == 0
    assert proof.differences() == []


def test_an_account_is_not_deleted_while_a_transfer_to_it_is_being_written(mei: Member) -> None:
    wallet = cash(mei)
    written, tried = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            earn(mei, 500, "a")
            written.set()
            assert tried.wait(30)

    def delete() -> None:
        assert written.wait(30)
        try:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM ledger_account WHERE id = %s", [wallet.pk])
        finally:
            tried.set()

    ends = run_concurrently(write, delete)

    assert ends[0] is None
    assert isinstance(ends[1], DatabaseError)
    assert "append-only" in str(ends[1])
    assert balance(mei) == 500


def test_wallets_opened_from_8_threads_exist_once(committed: str) -> None:
    mei = member("Mei")

    ends = run_concurrently(*(partial(cash, mei) for _ in range(8)))

    assert len({end.pk for end in ends}) == 1
    assert Account.objects.filter(member=mei).count() == 3
    assert balance(mei) == 0
    assert expense().balance is None
