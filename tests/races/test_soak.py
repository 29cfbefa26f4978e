"""All verbs at once, again and again: nobody deadlocks, and the books stay right."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pytest

from closing.services import post_adjustment, propose_adjustment
from commissions.models import Commission, CommissionHold
from commissions.services import decide_closed_order, release_unfrozen, settle
from common.errors import TwotierError
from distribution.models import Distributor
from distribution.services import (
    change_policy,
    change_status,
    expire_bindings,
    leave,
    reassign,
    reassign_many,
)
from ledger.proof import differences
from ledger.services import maintenance
from members.models import Member, User
from orders.intake import ingest_orders
from orders.models import ClosureDecision, Order
from orders.services import alarm_overdue_refunds, complete
from orders.snapshots import OrderSnapshot
from tests.cast import CLOCK, NOON, member, staff
from tests.concurrency import run_concurrently
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    distributor,
    line,
    make_referral,
    order,
    plan,
    refund,
    settle_all,
    sku,
)
from tests.withdrawals.factories import finance, may, operations, ready
from withdrawals import services as withdrawals
from withdrawals.models import RejectionReason, Withdrawal

SECONDS = 60
THREADS = 6
LATER = PLACED + 3 * WEEK


@dataclass
class Shop:
    """Two dozen members, half of them distributors, sixty orders, and the staff."""

    people: list[Member]
    orders: list[OrderSnapshot]
    qian: User
    feng: User
    odd: RejectionReason


@pytest.fixture
def shop(committed: str) -> Shop:
    sku()
    plan()
    people = [member(f"M{number}") for number in range(24)]
    for upper in people[:12]:
        distributor(upper)
    for number, lower in enumerate(people[1:], start=1):
        make_referral(people[(number - 1) // 2 % 12], lower)
    qian, feng = operations(staff("Qian")), finance(staff("Feng"))
    may(qian, "propose_adjustment")
    may(feng, "decide_adjustment")
    withdrawals.change_policy(by=feng, at=NOON, regime="labor_per_payment")
    change_policy(by=qian, at=NOON, binding_days=20, renewed_by_orders=True)
    for who in people[:12]:
        ready(who, 100_000)
    return Shop(
        people, [full_order(people, number) for number in range(60)], qian, feng,
        RejectionReason.objects.create(code="odd", label="Odd"),
    )  # fmt: skip


def full_order(people: list[Member], number: int) -> OrderSnapshot:
    """Return an order with all its facts; each snapshot holds a part of them."""
    buyer, name = people[number * 7 % 24], f"O-{number}"
    refunds = tuple(
        refund(1_000 * index, number=f"R-{number}", line=index, at=PLACED + 5 * DAY)
        for index in range(1, number % 4)
    )
    closed = {"closed_at": PLACED + 6 * DAY} if number % 9 == 0 else {}
    lines = [line(number=index) for index in range(1, 4)]
    return order(buyer, *lines, number=name, received=True, refunds=refunds, **closed)


def part_of(snapshot: OrderSnapshot, chance: random.Random) -> OrderSnapshot:
    """Return a snapshot with some of the facts of an order."""
    times = {
        name: getattr(snapshot, name) if chance.random() < 0.7 else None
        for name in ("paid_at", "received_at", "closed_at")
    }
    refunds = tuple(row for row in snapshot.refunds if chance.random() < 0.5)
    return replace(snapshot, **times, refunds=refunds)


class Person:
    """One of the threads: does one verb after the other, whatever the others do."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.seed = seed

    def work(self, until: float) -> Counter[str]:
        verbs: list[Callable[[], Any]] = [
            self.tell_orders, self.tell_orders, self.settle, self.complete, self.freeze_or_thaw,
            self.bind, self.leave, self.reassign, self.decide, self.request, self.review,
            self.pay, self.adjust, self.maintain,
        ]  # fmt: skip
        while time.monotonic() < until:
            verb = self.chance.choice(verbs)
            try:
                verb()
            except TwotierError as refusal:
                self.done[f"{verb.__name__}: {refusal.code}"] += 1
            else:
                self.done[verb.__name__] += 1
        return self.done

    def tell_orders(self) -> None:
        told = self.chance.sample(self.shop.orders, self.chance.randint(1, 40))
        results = ingest_orders([part_of(row, self.chance) for row in told], at=LATER, clock=CLOCK)
        failed = [row.error for row in results if row.error]
        assert not failed, failed

    def settle(self) -> None:
        settle(at=LATER, limit=self.chance.randint(1, 50))

    def complete(self) -> None:
        complete(at=LATER, limit=self.chance.randint(1, 20))
        alarm_overdue_refunds(at=LATER)

    def freeze_or_thaw(self) -> None:
        release_unfrozen()
        who = self.a_distributor()
        to = Distributor.Status.ACTIVE if who.status == "frozen" else Distributor.Status.FROZEN
        change_status(distributor=who, to=to, by=self.shop.qian, at=LATER, reason="soak")

    def bind(self) -> None:
        make_referral(*self.chance.sample(self.shop.people, 2), at=LATER)

    def leave(self) -> None:
        leave(member=self.a_member(), by=self.shop.qian, at=PLACED + DAY, reason="soak")

    def reassign(self) -> None:
        expire_bindings(at=LATER, limit=5)
        to = self.a_distributor()
        if self.chance.random() < 0.5:
            reassign(member=self.a_member(), to=to, by=self.shop.qian, at=LATER, reason="soak")
        else:
            members = self.chance.sample(self.shop.people, 6)
            reassign_many(members=members, to=to, by=self.shop.qian, at=LATER, reason="soak")

    def decide(self) -> None:
        waiting = list(Order.objects.awaiting_closure_decision())
        if waiting:
            decide_closed_order(
                order=self.chance.choice(waiting), outcome=ClosureDecision.Outcome.CREDIT,
                reason="soak", by=self.shop.qian, at=LATER,
            )  # fmt: skip

    def request(self) -> None:
        key = f"k-{self.seed}-{sum(self.done.values())}"
        withdrawals.request_withdrawal(member=self.a_member(), amount=10_000, key=key, at=LATER)

    def review(self) -> None:
        withdrawal = self.a_withdrawal()
        if withdrawal:
            qian, feng = self.shop.qian, self.shop.feng
            self.chance.choice([
                partial(withdrawals.approve_as_operations, withdrawal=withdrawal, by=qian),
                partial(withdrawals.approve_as_operations, withdrawal=withdrawal, by=qian),
                partial(withdrawals.approve_as_finance, withdrawal=withdrawal, by=feng),
                partial(withdrawals.approve_as_finance, withdrawal=withdrawal, by=feng),
                partial(withdrawals.cancel, withdrawal=withdrawal, by=withdrawal.member),
                partial(withdrawals.reject, withdrawal=withdrawal, by=qian, reason=self.shop.odd),
            ])(at=LATER)  # fmt: skip

    def pay(self) -> None:
        withdrawals.start_approved_payouts(at=LATER)
        withdrawals.process_due_attempts(at=LATER + self.chance.randint(0, 9) * DAY)
        withdrawals.expire_uncollected_withdrawals(at=LATER)

    def adjust(self) -> None:
        qian, feng = self.shop.qian, self.shop.feng
        adjustment = propose_adjustment(
            key=f"a-{self.seed}-{sum(self.done.values())}", member=self.a_member(), asset="cash",
            direction="to_member", amount=100, reason="soak", by=qian, at=LATER,
        )  # fmt: skip
        post_adjustment(adjustment=adjustment, by=feng, at=LATER)

    def maintain(self) -> None:
        if self.chance.random() < 0.2:
            maintenance.roll_up()
        assert differences() == []

    def a_member(self) -> Member:
        return self.chance.choice(self.shop.people)

    def a_distributor(self) -> Distributor:
        return self.chance.choice(list(Distributor.objects.all()))

    def a_withdrawal(self) -> Withdrawal | None:
        rows = list(Withdrawal.objects.open().select_related("member"))
        return self.chance.choice(rows) if rows else None


@pytest.mark.slow
def test_all_verbs_at_once_for_a_minute_do_not_deadlock(shop: Shop) -> None:
    until = time.monotonic() + SECONDS
    people = [Person(shop, seed) for seed in range(THREADS)]

    ends = run_concurrently(*(partial(person.work, until) for person in people))

    broken = [end for end in ends if isinstance(end, Exception)]
    assert not broken, [(type(fault), str(fault)[:500]) for fault in broken]
    done = sum(ends, Counter())
    for verb in ("tell_orders", "settle", "complete", "freeze_or_thaw", "bind", "review", "pay"):
        assert done[verb], f"{verb} was never done: {done}"
    ingest_orders(shop.orders, at=LATER, clock=CLOCK)
    for frozen in Distributor.objects.filter(status="frozen"):
        change_status(
            distributor=frozen, to=Distributor.Status.ACTIVE, by=shop.qian, at=LATER, reason="end"
        )
    settle_all(at=LATER)
    assert differences() == []
    held = CommissionHold.objects.exclude(reason="closed")
    assert not held.exists(), list(held.values_list("reason", "detail"))
    assert Commission.objects.filter(status="credited").exists()
