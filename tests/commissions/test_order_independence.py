"""Property test of the whole loop: random rules, orders, refunds and times, in random order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q, Sum
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from commissions import rules
from commissions.models import Commission, CommissionChange, CommissionHold, DueCredit, Plan
from commissions.services import decide_closed_order, sync_commissions
from distribution.models import Distributor
from distribution.services import change_status
from integration.merges import merge_members, propose_merge
from ledger.chart import Asset, Kind, Reason
from ledger.models import Account
from ledger.proof import differences
from ledger.services import Source, account, platform_account, transfer
from members.models import Member
from orders.intake import ingest_orders
from orders.models import ClosureDecision, Order, OrderLine
from orders.services import complete
from orders.snapshots import LineSnapshot, OrderSnapshot, RefundSnapshot
from reports.services import differences as reports_differences
from tests.cast import CLOCK, NOON, give, staff
from tests.commissions import contradictions
from tests.reports.folding import fold_all
from tests.shop import (
    PLACED,
    distributor,
    editor,
    make_referral,
    member,
    plan,
    rule,
    settle_all,
    sku,
    wallet_balance,
)

pytestmark = pytest.mark.slow

AFTER_ALL_ORDERS = PLACED + timedelta(days=30)
END = PLACED + timedelta(days=60)
PEOPLE = ("Mei", "Lan", "Bo", "Chen")
SKUS = ("mask", "tea")

rates = st.none() | st.integers(0, 5_000)
percents = st.builds(
    lambda tier1, tier2, base, asset: rule(tier1, tier2, base=base, asset=asset),
    rates, rates, st.sampled_from(["paid", "profit"]), st.sampled_from(["cash", "points", "bonus"]),
)  # fmt: skip
fixed = st.builds(
    lambda tier1, tier2, kind: rule(tier1, tier2, kind=kind),
    st.none() | st.integers(0, 5_000), st.none() | st.integers(0, 5_000),
    st.sampled_from(["per_unit", "per_order"]),
)  # fmt: skip
plans = st.tuples(percents | fixed, st.none() | percents | fixed, st.sampled_from([5_000, 2_000]))
days = st.floats(0, 20, allow_nan=False).map(lambda number: PLACED + timedelta(days=number))


@st.composite
def orders(draw: Any, number: int) -> OrderSnapshot:
    placed = draw(days)
    later = st.none() | st.floats(0, 20).map(lambda n: placed + timedelta(days=n))
    lines = [
        LineSnapshot(
            number=index,
            sku=draw(st.sampled_from(SKUS)),
            quantity=draw(st.integers(1, 4)),
            unit_price=draw(st.integers(0, 20_000)),
            shipping=draw(st.sampled_from([0, 900])),
        )
        for index in range(1, draw(st.integers(1, 3)) + 1)
    ]
    return OrderSnapshot(
        number=f"O-{number}",
        buyer=draw(st.sampled_from(PEOPLE)).lower(),
        placed_at=placed,
        lines=tuple(lines),
        paid_at=draw(later),
        received_at=draw(later),
        closed_at=draw(st.none() | later),
        refunds=tuple(draw(refunds(number, lines, placed))),
        revision=1,
    )


@st.composite
def refunds(
    draw: Any, order: int, lines: list[LineSnapshot], placed: datetime
) -> list[RefundSnapshot]:
    """Money may be any amount, also without its share of the goods that come back."""
    refund_snapshots: list[RefundSnapshot] = []
    for line in lines:
        quantity, paid = line.quantity, line.paid
        for _ in range(draw(st.integers(0, 3))):
            returned = draw(st.integers(0, quantity))
            is_exchange = bool(returned) and draw(st.booleans())
            amount = 0 if is_exchange else draw(st.integers(0, paid))
            if not returned and not amount:
                continue
            requested_at = placed + timedelta(days=draw(st.floats(0, 20)))
            end = draw(st.sampled_from(["done_at", "rejected_at", "withdrawn_at", None]))
            refund_snapshots.append(
                RefundSnapshot(
                    number=f"R-{order}-{len(refund_snapshots)}", line=line.number,
                    quantity=returned, amount=amount, requested_at=requested_at,
                    kind="exchange" if is_exchange else None,
                    **{end: requested_at + timedelta(days=draw(st.floats(0, 30)))} if end else {},
                )
            )  # fmt: skip
            if end == "done_at" and not is_exchange:
                quantity, paid = quantity - returned, paid - amount
            if not quantity:
                break
    return refund_snapshots


histories = st.integers(1, 3).flatmap(
    lambda count: st.tuples(*(orders(number) for number in range(count)))
)


def partial_snapshots(order: OrderSnapshot) -> list[OrderSnapshot]:
    """Return snapshots of the order with one change each, and one with all.

    Among them are an earlier revision with other prices, and refunds as they were asked for before
    another amount was agreed upon.
    """
    bare = replace(order, paid_at=None, received_at=None, closed_at=None, refunds=())
    dearer = tuple(replace(line, unit_price=line.unit_price + 700) for line in order.lines)
    open_refunds = [
        replace(
            refund, done_at=None, rejected_at=None, withdrawn_at=None,
            amount=(refund.amount + 1) // 2 if refund.done_at else refund.amount,
        )
        for refund in order.refunds
    ]  # fmt: skip
    return [
        bare,
        replace(bare, lines=dearer, revision=0),
        *(
            replace(bare, **{name: getattr(order, name)})
            for name in ("paid_at", "received_at", "closed_at")
            if getattr(order, name)
        ),
        *(replace(bare, refunds=(refund,)) for refund in (*order.refunds, *open_refunds)),
        order,
    ]


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def open_shop(terms: tuple[Any, Any, int]) -> dict[str, Member]:
    first, second, cap = terms
    assume(all(rate is None or rate <= cap for rate in (first.tier1, first.tier2)) or cap == 5_000)
    plan_rules = [first]
    if second is not None:
        shelf = sku("tea", price=500, cost=None, category="drinks").product.category
        second.layer, second.category = "category", shelf
        assume(
            all(rate is None or rate <= cap for rate in (second.tier1, second.tier2))
            or second.kind != "percent"
            or cap == 5_000
        )
        plan_rules.append(second)
    else:
        sku("tea", price=500, cost=None, category="drinks")
    sku("mask")
    people = {name: member(name) for name in PEOPLE}
    for name in PEOPLE[:3]:
        distributor(people[name])
    for upper, lower in (("Mei", "Lan"), ("Lan", "Bo"), ("Bo", "Chen")):
        assert make_referral(people[upper], people[lower]).outcome == "bound"
    merge_into(people["Chen"], member("Chen2"))
    for row in plan_rules:
        row.pk = None
        row._state.adding = True
    plan(*plan_rules, at=NOON, cap=cap)
    return people


def merge_into(survivor: Member, merged: Member) -> None:
    """Let two ids of the mall be one person: orders may name either."""
    qian, feng = give(staff("Qian"), "propose_merge"), give(staff("Feng"), "decide_merge")
    proposal = propose_merge(merged=merged, survivor=survivor, reason="同一人", by=qian, at=NOON)
    merge_members(proposal=proposal, by=feng, at=NOON)


def with_the_other_id(snapshot: OrderSnapshot) -> OrderSnapshot:
    return replace(snapshot, buyer="chen2") if snapshot.buyer == "chen" else snapshot


def ingest_one(snapshot: OrderSnapshot) -> None:
    (outcome,) = ingest_orders([snapshot], at=END, clock=CLOCK)
    assert outcome.error is None, outcome.error


def credit_closed_orders() -> None:
    """Decide alike in every history: an order may be closed before or after its credit."""
    for closed in Order.objects.awaiting_closure_decision():
        decide_closed_order(
            order=closed, outcome=ClosureDecision.Outcome.CREDIT, reason="sold", by=editor(),
            at=END,
        )  # fmt: skip


def result(spent: Counter[tuple[str, str]]) -> tuple[Any, ...]:
    """Return every commission, and what everyone received less debts."""
    rows = Commission.objects.order_by("line__order__number", "line__number", "tier")
    commissions = [
        (*key, row.original, row.current, row.state)
        for row, key in zip(
            rows, rows.values_list("line__order__number", "line__number", "tier"), strict=True
        )
    ]
    return commissions, received_amounts(spent)


def received_amounts(spent: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = dict(spent)
    for account_row in Account.objects.exclude(member=None).select_related("member"):
        key = (account_row.member.nickname, account_row.asset)
        sign = -1 if account_row.kind == Kind.OWED else 1
        sums[key] = sums.get(key, 0) + sign * (account_row.balance or 0)
    return {key: amount for key, amount in sums.items() if amount}


def assert_sound(spent: Counter[tuple[str, str]]) -> None:
    """Check the invariants."""
    assert differences() == []
    earned: dict[tuple[str, str], int] = {}
    for commission in Commission.objects.select_related("line__explanation", "distributor__member"):
        assert commission.tier in (1, 2)
        awards = rules.award(
            commission.basis,
            quantity=commission.line.quantity,
            paid=commission.line.paid,
        )
        assert commission.original == awards[commission.tier - 1].amount
        if commission.status == Commission.Status.CREDITED:
            key = (commission.distributor.member.nickname, commission.asset)
            waiting = sum(change.delta for change in commission.changes.waiting())
            earned[key] = earned.get(key, 0) + commission.current - waiting
    assert {key: amount for key, amount in earned.items() if amount} == received_amounts(spent)
    for line in OrderLine.objects.annotate(
        promised=Sum("commissions__current", filter=~Q(commissions__asset=Asset.POINTS))
    ).exclude(promised=None):
        cap = Plan.objects.get().cap
        assert line.promised * 10_000 <= cap * line.remaining_paid
    queued = set(DueCredit.objects.values_list("commission", "amount"))
    held = CommissionHold.objects.values("commission")
    protected = Commission.objects.filter(status="protected", current__gt=0)
    grown = CommissionChange.objects.waiting().exclude(commission__in=held)
    assert queued == {
        *protected.exclude(pk__in=held).values_list("pk", "current"),
        *grown.values_list("commission", "delta"),
    }
    assert reports_differences() == []
    fold_all()
    assert reports_differences() == []


@dataclass
class Interruptions:
    """Crashes, spending, status changes and settlements between the snapshots.

    Contradictions hold an order until ``end``, where people decide alike in every history.
    """

    people: dict[str, Member]
    spent: Counter[tuple[str, str]] = field(default_factory=Counter)

    def crash(self, snapshot: OrderSnapshot) -> None:
        """Do everything but the commit."""
        with transaction.atomic():
            ingest_one(snapshot)
            transaction.set_rollback(True)

    def settle(self, at: datetime) -> None:
        in_conflict = contradictions.uncredited_in_conflict()
        with transaction.atomic():
            settle_all(at=at)
            transaction.set_rollback(True)
        settle_all(at=at)
        assert not Commission.objects.filter(pk__in=in_conflict, status="credited").exists()

    def spend(self, at: datetime) -> None:
        """Empty Lan's wallet, so that a later clawback becomes a debt."""
        if has := wallet_balance(self.people["Lan"]):
            move_money(self.people["Lan"], has, f"out:{sum(self.spent.values())}")
            self.spent["Lan", "cash"] += has

    def freeze(self, at: datetime) -> None:
        lan = Distributor.objects.get(member=self.people["Lan"])
        frozen = lan.status == Distributor.Status.FROZEN
        to = Distributor.Status.ACTIVE if frozen else Distributor.Status.FROZEN
        change_status(distributor=lan, to=to, by=editor(), at=AFTER_ALL_ORDERS, reason="检查")

    def end(self, cheaper: list[OrderSnapshot]) -> None:
        self.settle(END)
        contradictions.decide_all(cheaper, at=END)
        if Distributor.objects.get(member=self.people["Lan"]).status == "frozen":
            self.freeze(END)
        credit_closed_orders()
        settle_all(at=END)
        while complete(at=END):
            pass


hypothesis_settings = settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
actions = st.tuples(
    st.integers(0, 40),
    st.sampled_from(["settle", "spend", "freeze", "crash", *contradictions.KINDS]),
)


@pytest.mark.one_transaction
@pytest.mark.django_db
@hypothesis_settings
@given(plans, histories, st.lists(actions, max_size=8), st.data())
def test_any_order_of_the_same_snapshots_gives_the_same_result(
    terms: Any,
    history: tuple[OrderSnapshot, ...],
    interruptions: list[tuple[int, str]],
    data: st.DataObject,
) -> None:
    check_order_independence(terms, history, interruptions, data)


@pytest.mark.slow
@pytest.mark.one_transaction
@pytest.mark.django_db
@settings(hypothesis_settings, max_examples=40)
@given(plans, histories, st.lists(actions, max_size=8), st.data())
def test_any_order_gives_the_same_result_in_more_examples(
    terms: Any,
    history: tuple[OrderSnapshot, ...],
    interruptions: list[tuple[int, str]],
    data: st.DataObject,
) -> None:
    check_order_independence(terms, history, interruptions, data)


def check_order_independence(
    terms: Any,
    history: tuple[OrderSnapshot, ...],
    interruptions: list[tuple[int, str]],
    data: st.DataObject,
) -> None:
    snapshots = [snapshot for order in history for snapshot in partial_snapshots(order)]
    shuffled = data.draw(
        st.permutations(snapshots + data.draw(st.lists(st.sampled_from(snapshots))))
    )

    numbers = {order.number: order for order in history}
    cheaper = [order for order in history if order.paid_at and data.draw(st.booleans())]

    with rolled_back():
        open_shop(terms)
        for order in history:
            ingest_one(order)
        contradictions.decide_all(cheaper, at=END)
        credit_closed_orders()
        settle_all(at=END)
        assert_sound(Counter())
        expected = result(Counter())
    with rolled_back():
        interruptions_run = Interruptions(open_shop(terms))
        for index, snapshot in enumerate(shuffled):
            for _when, what in (row for row in interruptions if row[0] == index):
                at = PLACED + timedelta(days=3 * index)
                if what == "crash":
                    interruptions_run.crash(snapshot)
                elif what in contradictions.KINDS:
                    contradictions.contradict(numbers[snapshot.number], what, at=at)
                else:
                    getattr(interruptions_run, what)(at)
            ingest_one(with_the_other_id(snapshot) if index % 2 else snapshot)
        interruptions_run.end(cheaper)
        assert_sound(interruptions_run.spent)
        assert result(interruptions_run.spent) == expected
        sync_commissions(Order.objects.all(), at=END)
        assert result(interruptions_run.spent) == expected


def move_money(member: Member, amount: int, key: str) -> None:
    transfer(
        key=key,
        debit=account(member, Asset.CASH),
        credit=platform_account(Kind.BANK),
        amount=amount,
        reason=Reason.TREASURY,
        source=Source("test", key),
        effective_at=END,
    )
