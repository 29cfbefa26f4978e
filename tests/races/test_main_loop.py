"""Concurrent payment, receipt, refund and settlement; controls show the races without guards."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from pytest_django import Settings

from commissions.models import Commission, CommissionChange, CommissionHold, DueCredit
from commissions.services import release_unfrozen, settle, sync_commissions
from distribution.models import Distributor
from distribution.services import Purchase, change_status, record_purchases
from ledger.chart import Kind, Reason
from ledger.models import Transfer
from ledger.proof import differences
from ledger.services import Source, open_wallets, platform_account, transfer
from members.models import Member
from orders.models import Order
from orders.services import complete
from tests.cast import member, staff
from tests.concurrency import run_concurrently, run_during_transaction
from tests.races.naive import without_locks
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    plan,
    refund,
    rule,
    settle_all,
    sku,
    wallet_balance,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK


@pytest.fixture
def bo(committed: str) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def drop(constraint: str, table: str = "commissions_commission") -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def paid_without_commissions(bo: Member, settings: Settings) -> None:
    """Create a paid order whose commissions are not synced yet."""
    ingest(order(bo, paid=False))
    settings.FLOWS = "tests.events.followers"
    ingest(order(bo))
    settings.FLOWS = "config.flows"


def test_an_order_paid_five_times_at_once_has_one_commission_per_tier(bo: Member) -> None:
    ingest(order(bo, paid=False))

    run_concurrently(*[partial(ingest, order(bo))] * 5)

    assert commissions() == [
        (1, 1, "Lan", 1099, 1099, "pending"),
        (1, 2, "Mei", 549, 549, "pending"),
    ]


def test_an_order_placed_five_times_at_once_exists_once(bo: Member) -> None:
    outcomes = run_concurrently(*[partial(ingest, order(bo))] * 5)

    assert sorted(outcome.changed for (outcome,) in outcomes) == [False] * 4 + [True]
    assert len(commissions()) == 2


def test_an_order_synced_twice_at_once_has_one_commission_per_tier(
    bo: Member, settings: Settings
) -> None:
    paid_without_commissions(bo, settings)
    follow = partial(sync_commissions, [get_order()], at=PLACED)

    assert run_during_transaction(follow, follow) == [None, None]

    assert [row[1] for row in commissions()] == [1, 2]


def test_control_without_guards_there_are_two_commissions_per_tier(
    bo: Member, settings: Settings
) -> None:
    paid_without_commissions(bo, settings)
    drop("commission_unique_per_tier")
    drop("commissions_explanation_pkey", "commissions_explanation")
    follow = partial(without_locks, partial(sync_commissions, [get_order()], at=PLACED))

    assert run_during_transaction(follow, follow) == [None, None]

    assert [row[1] for row in commissions()] == [1, 1, 2, 2]


def test_an_order_received_twice_at_once_is_credited_once(bo: Member, lan: Member) -> None:
    ingest(order(bo))

    run_concurrently(*[partial(ingest, order(bo, received=True))] * 2)

    assert DueCredit.objects.count() == 2
    assert settle_all(at=RELEASED) == 2
    assert wallet_balance(lan) == 1099


@pytest.mark.parametrize("first", ["receipt", "refund"])
def test_concurrent_receipt_and_refund_leave_the_rest_queued(bo: Member, first: str) -> None:
    ingest(order(bo))
    receipt = partial(ingest, order(bo, received=True))
    ingest_refund = partial(ingest, with_refund(order(bo), refund(3663)))
    pair = (receipt, ingest_refund) if first == "receipt" else (ingest_refund, receipt)

    outcomes = run_during_transaction(*pair)

    assert [outcome.changed for (outcome,) in outcomes] == [True, True]
    assert [row[4:] for row in commissions()] == [(732, "protected"), (366, "protected")]
    assert sorted(DueCredit.objects.values_list("amount", flat=True)) == [366, 732]


def test_a_refund_waits_for_the_settlement_and_claws_back(bo: Member, lan: Member) -> None:
    ingest(order(bo, received=True))
    ingest_refund = partial(
        ingest, with_refund(order(bo, received=True), refund(3663)), at=RELEASED
    )

    settled, (outcome,) = run_during_transaction(partial(settle, at=RELEASED), ingest_refund)

    assert (settled, outcome.changed) == (2, True)
    assert wallet_balance(lan) == 732
    assert wallet_balance(lan) == 732
    assert sorted(CommissionChange.objects.values_list("delta", flat=True)) == [-367, -183]
    assert differences() == []


def test_a_settlement_skips_commissions_that_are_being_refunded(bo: Member, lan: Member) -> None:
    ingest(order(bo, received=True))
    ingest_refund = partial(
        ingest, with_refund(order(bo, received=True), refund(3663)), at=RELEASED
    )

    _, settled = run_during_transaction(ingest_refund, partial(settle, at=RELEASED))
    assert settled == 0
    assert settle(at=RELEASED) == 2

    assert wallet_balance(lan) == 732
    assert not CommissionChange.objects.exists()


def test_the_amount_comparison_protects_a_refund_without_locks(bo: Member, lan: Member) -> None:
    """Test the second guard: a queue row that differs from its commission is not credited."""
    ingest(order(bo, received=True))
    ingest_refund = partial(
        ingest, with_refund(order(bo, received=True), refund(3663)), at=RELEASED
    )

    run_during_transaction(ingest_refund, partial(without_locks, partial(settle, at=RELEASED)))

    assert wallet_balance(lan) == 732


def test_control_reading_first_and_crediting_later_pays_too_much(bo: Member, lan: Member) -> None:
    ingest(order(bo, received=True))
    read = list(DueCredit.objects.select_related("commission"))

    ingest(with_refund(order(bo, received=True), refund(3663)), at=RELEASED)
    for due in read:
        credit_without_guard(due)

    assert wallet_balance(lan) == 1099
    assert Commission.objects.get(tier=1).current == 732


def credit_without_guard(due: DueCredit) -> None:
    transfer(
        key=f"commission:{due.pk}:credit",
        debit=platform_account(Kind.COMMISSION_EXPENSE),
        credit=due.account,
        amount=due.amount,
        reason=Reason.COMMISSION,
        source=Source("test", str(due.pk)),
        effective_at=RELEASED,
    )


def test_concurrent_settlements_credit_each_commission_once(bo: Member, lan: Member) -> None:
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(30)))

    def settle_until_idle() -> int:
        total = 0
        while count := settle(at=RELEASED, limit=7):
            total += count
        return total

    assert (
        sum(
            run_concurrently(
                settle_until_idle, settle_until_idle, settle_until_idle, settle_until_idle
            )
        )
        + settle_all(at=RELEASED)
        == 60
    )
    assert wallet_balance(lan) == 30 * 1099
    assert differences() == []


def test_a_credit_is_not_repeated_after_a_lost_acknowledgement(
    bo: Member, lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the worker dies after its commit and before its acknowledgement, the task runs again."""
    ingest(order(bo, received=True))
    settle(at=RELEASED)

    settle(at=RELEASED)
    DueCredit.objects.bulk_create(
        DueCredit(commission=row, account_id=1, asset="cash", amount=row.current,
            release_at=RELEASED, bucket=1)
        for row in Commission.objects.all()
    )  # fmt: skip
    settle_all(at=RELEASED)

    assert wallet_balance(lan) == 1099
    assert Transfer.objects.count() == 2


def test_a_crash_before_the_commit_credits_nothing(
    bo: Member, lan: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(order(bo, received=True))

    with transaction.atomic():
        assert settle(at=RELEASED) == 2
        transaction.set_rollback(True)

    assert (wallet_balance(lan), DueCredit.objects.count(), Transfer.objects.count()) == (0, 2, 0)
    assert settle(at=RELEASED) == 2
    assert wallet_balance(lan) == 1099


def test_refunds_of_many_orders_in_opposite_orders_do_not_deadlock(bo: Member) -> None:
    snapshots = [order(bo, number=f"O-{n}", received=True) for n in range(20)]
    ingest(*snapshots)
    settle_all(at=RELEASED)
    refunds = [with_refund(row, refund(100, number=f"R-{row.number}")) for row in snapshots]
    others = [with_refund(row, refund(100, number=f"S-{row.number}")) for row in snapshots]

    outcomes = run_concurrently(
        partial(ingest, *refunds, at=RELEASED), partial(ingest, *reversed(others), at=RELEASED)
    )

    assert all(outcome.changed for batch in outcomes for outcome in batch)
    assert CommissionChange.objects.count() == 80
    assert differences() == []


def test_two_batches_with_new_orders_of_each_others_refunding_buyers_do_not_deadlock(
    bo: Member,
) -> None:
    """Both add to the totals of all buyers: for new orders, and for refunds of completed ones."""
    buyers = [member(f"B{number}") for number in range(40)]
    done = [order(buyer, number=f"O-{buyer.nickname}", received=True) for buyer in buyers]
    ingest(*done)
    while complete(at=RELEASED):
        pass
    for turn in range(3):
        refunds = [
            with_refund(row, refund(100, number=f"R-{turn}-{row.number}", at=RELEASED))
            for row in done
        ]
        new = [order(buyer, number=f"N-{turn}-{buyer.nickname}") for buyer in buyers]
        outcomes = run_concurrently(
            partial(ingest, *refunds[:20], *new[20:], at=RELEASED),
            partial(ingest, *refunds[20:], *new[:20], at=RELEASED),
        )
        assert all(outcome.changed for batch in outcomes for outcome in batch)


def test_control_totals_in_two_passes_deadlock(bo: Member) -> None:
    buyers = [member("B1"), member("B2")]
    for buyer in buyers:
        record_purchases([Purchase(buyer.pk, orders=1)])
    both_began = threading.Barrier(2)

    def buy_in_two_passes(first: Member, second: Member) -> None:
        with transaction.atomic():
            record_purchases([Purchase(first.pk, orders=1)])
            both_began.wait(30)
            record_purchases([Purchase(second.pk, orders=1)])

    ends = run_concurrently(
        partial(buy_in_two_passes, *buyers), partial(buy_in_two_passes, *reversed(buyers))
    )

    assert sorted(type(end) for end in ends if end) == [OperationalError]


def test_two_batches_that_name_referrers_of_the_same_buyers_do_not_deadlock(bo: Member) -> None:
    buyers = [member(f"B{n}") for n in range(8)]
    first = [
        replace(order(buyer, number=f"A-{n}", placed_at=PLACED + n * DAY), referrer="lan")
        for n, buyer in enumerate(buyers)
    ]
    second = [
        replace(order(buyer, number=f"B-{n}", placed_at=PLACED + (8 - n) * DAY), referrer="mei")
        for n, buyer in enumerate(buyers)
    ]

    outcomes = run_concurrently(partial(ingest, *first), partial(ingest, *second))

    assert all(outcome.changed for batch in outcomes for outcome in batch)


def test_many_refunds_and_a_settlement_of_the_same_wallets_do_not_deadlock(bo: Member) -> None:
    """Open wallets of two assets in another order than that in which their owners joined."""
    lan, mei = (Member.objects.get(nickname=name) for name in ("Lan", "Mei"))
    open_wallets([lan])
    open_wallets([mei])
    beauty = sku("soap", category="points").product.category
    plan(rule(), rule(500, 500, layer="category", category=beauty, asset="points"), at=PLACED)
    snapshots = [
        order(bo, line(), line("soap", number=2), number=f"O-{n}", received=True) for n in range(30)
    ]
    ingest(*snapshots[:15])
    settle_all(at=RELEASED)
    ingest(*snapshots[15:])
    refunds = [
        with_refund(row, refund(5000, number=f"R-{row.number}"),
                    refund(5000, number=f"S-{row.number}", line=2))
        for row in snapshots[:15]
    ]  # fmt: skip

    refunded, settled = run_concurrently(
        partial(ingest, *refunds, at=RELEASED), partial(settle, at=RELEASED, limit=10)
    )

    assert all(outcome.changed for outcome in refunded)
    assert settled == 10
    assert differences() == []


def test_a_thaw_does_not_wait_for_orders_and_is_completed_later(bo: Member) -> None:
    ingest(order(bo, received=True))
    qian = staff("Qian")
    lan = Distributor.objects.get(member__nickname="Lan")
    change = partial(change_status, distributor=lan, by=qian, at=RELEASED, reason="检查")
    change(to=Distributor.Status.FROZEN)
    assert settle_all(at=RELEASED) == 2
    change(to=Distributor.Status.ACTIVE)

    with transaction.atomic():
        list(Order.objects.select_for_update())
        assert run_concurrently(release_unfrozen) == [0]
        assert CommissionHold.objects.count() == 1

    assert release_unfrozen() == 1
    assert settle_all(at=RELEASED) == 1
