"""Any sequence of operations leaves a sound ledger; a rejected one changes no row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common.errors import TwotierError
from ledger import proof
from ledger.chart import MEMBER_KINDS, Asset, Kind, Reason
from ledger.models import Account, Transfer
from ledger.services import (
    Posting,
    Source,
    account,
    open_wallets,
    platform_account,
    reclaim,
    reverse,
    transfer,
    transfer_many,
)
from tests.cast import NOON, member
from tests.ledger.money import picture

pytestmark = pytest.mark.slow

PEOPLE = ("Mei", "Lan", "Bo")
ASSETS = (Asset.CASH, Asset.POINTS)
PLATFORM = {Asset.CASH: Kind.COMMISSION_EXPENSE, Asset.POINTS: Kind.ISSUED}
places = st.tuples(
    st.sampled_from((*PEOPLE, "platform_account")),
    st.sampled_from(ASSETS),
    st.sampled_from(list(Kind)[:3]),
)
amounts = st.integers(min_value=-1, max_value=400)
keys = st.integers(min_value=1, max_value=25).map("key:{}".format)
moves = st.tuples(keys, places, places, amounts)
earnings = st.builds(
    lambda key, name, asset, amount: (
        key, ("platform_account", asset, Kind.WALLET), (name, asset, Kind.WALLET), amount
    ),
    keys, st.sampled_from(PEOPLE), st.sampled_from(ASSETS), st.integers(1, 400),
)  # fmt: skip
# Some postings repeat within their batch.
batches = st.lists(moves, max_size=6) | st.lists(earnings | moves, min_size=1, max_size=4).flatmap(
    lambda batch: st.lists(st.sampled_from(batch), max_size=3).map(lambda again: batch + again)
)
batches |= st.lists(earnings, min_size=1, max_size=2).map(lambda batch: batch * 2)


class Ledger(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.people = {name: member(name) for name in PEOPLE}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def at(self, place: tuple[str, Asset, Kind]) -> Account:
        name, asset, kind = place
        if name == "platform_account":
            return platform_account(PLATFORM[asset], asset)
        held = kind if kind in MEMBER_KINDS[asset] else Kind.WALLET
        return account(self.people[name], asset, held)

    def attempt(self, action: Callable[[], Any]) -> None:
        before = picture()
        try:
            action()
        except TwotierError:
            assert picture() == before

    @rule(name=st.sampled_from(PEOPLE), asset=st.sampled_from(ASSETS))
    def opens(self, name: str, asset: Asset) -> None:
        before = picture()
        open_wallets([self.people[name]], [asset])
        open_wallets([self.people[name]], [asset])
        assert len(picture()[0]) - len(before[0]) in (0, len(MEMBER_KINDS[asset]))

    @rule(move=moves)
    def transfers(self, move: tuple[Any, ...]) -> None:
        key, debit, credit, amount = move
        sides = self.at(debit), self.at(credit)
        self.attempt(
            lambda: transfer(
                key=key,
                debit=sides[0],
                credit=sides[1],
                amount=amount,
                reason=Reason.ADJUSTMENT,
                source=Source("test", key),
                effective_at=NOON,
            )
        )

    @rule(batch=batches)
    def transfers_many(self, batch: list[tuple[Any, ...]]) -> None:
        postings = [
            Posting(
                key, self.at(debit).pk, self.at(credit).pk, amount,
                Reason.ADJUSTMENT, "test", key, NOON,
            )
            for key, debit, credit, amount in batch
        ]  # fmt: skip
        before = picture()
        after_each = self.one_by_one(postings)
        assert picture() == before
        self.attempt(lambda: transfer_many(postings))
        if after_each is not None:
            balances = dict(Account.objects.values_list("pk", "balance"))
            assert balances == after_each

    def one_by_one(self, postings: list[Posting]) -> dict[int, int | None] | None:
        """Return the balances after single postings, or ``None`` if one is rejected."""
        outcome = None
        with transaction.atomic():
            try:
                for posting in postings:
                    transfer_many([posting])
                outcome = dict(Account.objects.values_list("pk", "balance"))
            except TwotierError:
                pass
            transaction.set_rollback(True)
        return outcome

    @rule(key=keys, name=st.sampled_from(PEOPLE), asset=st.sampled_from(ASSETS), amount=amounts)
    def takes_back(self, key: str, name: str, asset: Asset, amount: int) -> None:
        wallet = account(self.people[name], asset)
        self.attempt(
            lambda: reclaim(
                key=f"clawback:{key}",
                wallet=wallet,
                credit=platform_account(PLATFORM[asset], asset),
                amount=amount,
                source=Source("test", key),
                effective_at=NOON,
            )
        )

    @rule(pick=st.integers(min_value=0, max_value=30))
    def reverses(self, pick: int) -> None:
        posted = list(Transfer.objects.order_by("pk"))
        if posted:
            original = posted[pick % len(posted)]
            self.attempt(
                lambda: reverse(original=original, source=Source("test", "r"), effective_at=NOON)
            )

    @invariant()
    def adds_up(self) -> None:
        assert proof.differences() == []
        assert not Account.objects.filter(balance__lt=0).exists()

    @invariant()
    def agrees_with_plain_arithmetic(self) -> None:
        expected: dict[int, int] = defaultdict(int)
        for debit, credit, amount in Transfer.objects.values_list("debit", "credit", "amount"):
            expected[debit] -= amount
            expected[credit] += amount
        for row in Account.objects.exclude(balance=None):
            sign = -1 if row.kind == Kind.OWED else 1
            assert row.balance == sign * expected[row.pk]


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_any_sequence_adds_up(db: None) -> None:
    run(examples=15, steps=12)


@pytest.mark.slow
def test_any_long_sequence_adds_up(db: None) -> None:
    run(examples=150, steps=40)
