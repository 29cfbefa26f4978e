"""A merge beside a settlement, a request for a withdrawal, and another merge."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from commissions.models import CommissionHold, DueCredit
from commissions.services import settle
from distribution.services import lock_for_merge
from integration.merges import AlreadyMerged, merge_members, propose_merge
from ledger.models import Account
from ledger.proof import differences
from ledger.services.merging import MoneyHeld
from members.models import Member, MemberMerge
from tests.cast import give, member, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.shop import (
    DAY,
    PLACED,
    distributor,
    ingest,
    open_shop,
    order,
    settle_all,
    wallet_balance,
)
from tests.withdrawals.factories import ready
from withdrawals.models import Withdrawal
from withdrawals.services import request_withdrawal

AT = PLACED + 40 * DAY


@pytest.fixture
def people(committed: str) -> tuple[Member, Member]:
    """Return Lan, whose commission of 10.99 yuan is due, and Lin: the same person."""
    bo = open_shop()
    ingest(order(bo, received=True))
    lin = member("Lin")
    distributor(lin)
    give(staff("Feng"), "decide_merge")
    return Member.objects.get(nickname="Lan"), lin


def proposed(merged: Member, survivor: Member) -> MemberMerge:
    by = give(staff("Qian"), "propose_merge")
    return propose_merge(merged=merged, survivor=survivor, reason="same phone", by=by, at=AT)


def merging(proposal: MemberMerge) -> Any:
    return partial(merge_members, proposal=proposal, by=staff("Feng"), at=AT)


def assert_credited_once(lan: Member, lin: Member) -> None:
    settle_all(at=AT + DAY)
    assert (wallet_balance(lan), wallet_balance(lin)) == (0, 1_099)
    assert not CommissionHold.objects.exists()
    assert differences() == []


def test_a_merge_waits_for_the_settlement(people: tuple[Member, Member]) -> None:
    run_during_transaction(partial(settle, at=AT), merging(proposed(*people)))
    assert_credited_once(*people)


def test_a_settlement_leaves_what_a_merge_is_moving(people: tuple[Member, Member]) -> None:
    credited, _ = reversed(
        run_during_transaction(merging(proposed(*people)), partial(settle, at=AT))
    )
    assert credited == 1  # only the commission of Mei
    assert_credited_once(*people)


def test_at_the_same_moment(people: tuple[Member, Member]) -> None:
    run_concurrently(merging(proposed(*people)), *[partial(settle, at=AT) for _ in range(3)])
    assert_credited_once(*people)


def test_control_what_is_queued_for_a_merged_member_is_not_credited(
    people: tuple[Member, Member],
) -> None:
    """Mark the member, and let a settlement credit what was queued before."""
    lan, lin = people
    proposed(lan, lin)
    wallets = Account.objects.filter(member=lan, kind="wallet").values("pk")
    decided = {"decider": staff("Feng"), "decider_member": 0, "decided_at": AT}

    def naively() -> None:
        with transaction.atomic():
            lock_for_merge(lan, lin)
            MemberMerge.objects.update(status="agreed", **decided)
            Member.objects.filter(pk=lan.pk).update(merged_into=lin, merged_at=AT)

    assert run_concurrently(naively) == [None]
    assert DueCredit.objects.filter(account__in=wallets).exists()
    settle_all(at=AT + DAY)

    # The settlement compares owners: it holds the commission, and nothing goes to either.
    assert (wallet_balance(lan), wallet_balance(lin)) == (0, 0)
    assert CommissionHold.objects.get().reason == "fault"


def test_a_request_before_the_merge_stops_it(people: tuple[Member, Member]) -> None:
    lan, lin = people
    request = partial(request_withdrawal, member=ready(lan, 50_000), amount=20_000, key="w", at=AT)
    _, refused = run_during_transaction(request, merging(proposed(lan, lin)))

    assert isinstance(refused, MoneyHeld)
    assert Member.objects.get(pk=lan.pk).merged_into is None
    assert wallet_balance(lan) == 30_000


def test_a_request_during_the_merge_is_the_survivors(people: tuple[Member, Member]) -> None:
    lan, lin = people
    ready(lan, 50_000)
    request = partial(request_withdrawal, member=ready(lin), amount=20_000, key="w", at=AT)
    run_during_transaction(merging(proposed(lan, lin)), partial(request, member=lan))

    assert Withdrawal.objects.get().member == lin
    assert (wallet_balance(lan), wallet_balance(lin)) == (0, 30_000)
    assert differences() == []


def test_opposite_merges_have_one_effect(people: tuple[Member, Member]) -> None:
    lan, lin = people
    results = run_concurrently(merging(proposed(lan, lin)), merging(proposed(lin, lan)))

    assert sorted(type(result).__name__ for result in results) == [
        AlreadyMerged.__name__, "NoneType",
    ]  # fmt: skip
    assert Member.objects.filter(merged_into__isnull=False).count() == 1
