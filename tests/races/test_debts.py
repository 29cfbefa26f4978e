"""Races of debts, clawbacks and roll-ups, each with a control."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from ledger import proof
from ledger.chart import Kind, Reason
from ledger.models import Transfer
from ledger.queries import balance as balance_of
from ledger.services import maintenance, platform_account
from ledger.services.errors import InsufficientFunds, KeyReused
from members.models import Member
from tests.concurrency import run_concurrently, run_during_transaction
from tests.ledger.money import balance, cash, earn, expense, move
from tests.ledger.test_debt import claw
from tests.races.naive import without_locks


def write_off(who: Member, amount: int, key: str) -> Transfer:
    written_off = platform_account(Kind.BAD_DEBT)
    return move(key, written_off, cash(who, Kind.OWED), amount, reason=Reason.WRITE_OFF)


def hold(who: Member, amount: int) -> Transfer:
    return move("hold", cash(who), cash(who, Kind.HELD), amount, reason=Reason.HOLD)


def test_a_credit_waits_for_a_write_off_of_the_same_debt(mei: Member) -> None:
    claw(mei, 200)

    ends = run_during_transaction(
        partial(write_off, mei, 200, "off"), partial(earn, mei, 100, "in")
    )

    assert [type(end) for end in ends] == [Transfer, Transfer]
    assert (balance(mei), balance(mei, Kind.OWED)) == (100, 0)
    assert proof.differences() == []


def test_control_without_locks_a_credit_recovers_a_written_off_debt(mei: Member) -> None:
    claw(mei, 200)
    credited = partial(without_locks, partial(earn, mei, 100, "in"))

    ends = run_during_transaction(partial(write_off, mei, 200, "off"), credited)

    assert [type(end) for end in ends] == [Transfer, InsufficientFunds]


def test_concurrent_credits_and_write_offs_are_never_refused(mei: Member) -> None:
    claw(mei, 1_600)
    credited = [partial(earn, mei, 100, f"in:{n}") for n in range(8)]
    written_off = [partial(write_off, mei, 50, f"off:{n}") for n in range(8)]

    ends = run_concurrently(*credited, *written_off)

    assert {type(end) for end in ends} == {Transfer}
    assert (balance(mei), balance(mei, Kind.OWED)) == (0, 1_600 - 8 * 150)
    assert proof.differences() == []


def test_a_clawback_waits_for_a_hold_and_records_the_rest_as_debt(mei: Member) -> None:
    earn(mei, 100, "in")

    ends = run_during_transaction(partial(hold, mei, 70), partial(claw, mei, 100))

    assert ends[1] == 70
    assert (balance(mei), balance(mei, Kind.OWED), balance(mei, Kind.HELD)) == (0, 70, 70)
    assert proof.differences() == []


def test_control_without_locks_a_clawback_takes_held_money(mei: Member) -> None:
    earn(mei, 100, "in")
    taken = partial(without_locks, partial(claw, mei, 100))

    ends = run_during_transaction(partial(hold, mei, 70), taken)

    assert isinstance(ends[1], InsufficientFunds)


@pytest.mark.parametrize("lans", [100, 0], ids=["both have money", "one is empty"])
def test_a_key_claws_back_from_one_of_two_members_only(mei: Member, lan: Member, lans: int) -> None:
    earn(mei, 100, "mei")
    if lans:
        earn(lan, lans, "lan")

    ends = run_during_transaction(partial(claw, mei, 100), partial(claw, lan, 100))

    assert ends[0] == 0
    assert isinstance(ends[1], KeyReused)
    assert (balance(lan), balance(lan, Kind.OWED)) == (lans, 0)
    assert proof.differences() == []


def test_control_keys_of_wallet_and_debt_that_differ_claw_back_from_both(
    mei: Member, lan: Member
) -> None:
    """Why the first part of a reclaim has its key whichever account it debits."""
    earn(mei, 100, "mei")

    ends = run_during_transaction(
        partial(move, "x:wallet", cash(mei), expense(), 100),
        partial(move, "x:owed", cash(lan, Kind.OWED), expense(), 100),
    )

    assert [end.amount for end in ends] == [100, 100]


def test_a_roll_up_waits_for_an_open_transfer(mei: Member, lan: Member) -> None:
    roll_up_past_an_open_posting(mei, lan, maintenance.roll_up)

    assert balance_of(expense()) == -800
    assert proof.differences() == []


def test_control_a_roll_up_without_its_lock_loses_a_transfer(mei: Member, lan: Member) -> None:
    roll_up_past_an_open_posting(mei, lan, partial(without_locks, maintenance.roll_up))

    assert balance_of(expense()) == -300
    assert "a roll-up is the sum of its transfers" in {
        difference.rule for difference in proof.differences()
    }


def roll_up_past_an_open_posting(mei: Member, lan: Member, roll_up: Callable[[], int]) -> None:
    """Give the posting to Mei the lower number and the later commit."""

    def post_and_roll_up() -> int:
        earn(lan, 300, "b")
        return roll_up()

    ends = run_during_transaction(partial(earn, mei, 500, "a"), post_and_roll_up)

    assert not [end for end in ends if isinstance(end, Exception)]
