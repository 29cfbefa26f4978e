"""Settlement credits due commissions; held ones leave the queue and block no others."""

from __future__ import annotations

import re

import pytest
from django.db import connection

from commissions.models import Commission, CommissionHold, DueCredit, Settlement
from commissions.services import release_holds, release_unfrozen, settle
from commissions.services.settlement import PICK_DUE
from distribution.models import Distributor
from distribution.services import change_status, exit_distributor
from events.models import Event
from ledger.chart import Asset
from ledger.proof import differences
from members.models import Member, User
from tests.shop import (
    DAY,
    PLACED,
    WEEK,
    commissions,
    ingest,
    line,
    open_shop,
    order,
    plan,
    refund,
    rule,
    settle_all,
    wallet_balance,
    with_refund,
)

RELEASED = PLACED + 3 * DAY + WEEK

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Distributor:
    return Distributor.objects.get(member__nickname="Lan")


def set_status(distributor: Distributor, to: str, by: User, at=RELEASED) -> None:
    change_status(distributor=distributor, to=Distributor.Status(to), by=by, at=at, reason="检查")


def test_a_batch_records_one_settlement_and_one_event(bo: Member) -> None:
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(3)))

    assert settle(at=RELEASED) == 6

    (settlement,) = Settlement.objects.all()
    assert settlement.count == 6
    assert set(Commission.objects.values_list("settlement", flat=True)) == {settlement.pk}
    assert Event.objects.filter(name="commissions.credited").count() == 1


def test_each_asset_is_credited_to_its_own_wallet(bo: Member, lan: Distributor) -> None:
    plan(rule(1_000, 500, asset="points"), at=PLACED)
    ingest(order(bo, received=True))

    settle_all(at=RELEASED)

    assert (wallet_balance(lan.member, Asset.POINTS), wallet_balance(lan.member)) == (10, 0)
    assert differences() == []


def test_one_faulty_row_does_not_stop_the_others(bo: Member, lan: Distributor) -> None:
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(5)))
    poisoned = DueCredit.objects.filter(commission__distributor=lan)[2]
    DueCredit.objects.filter(pk=poisoned.pk).update(amount=poisoned.amount + 1)

    assert settle_all(at=RELEASED) == 10

    (held,) = CommissionHold.objects.all()
    assert (held.commission_id, held.reason) == (poisoned.pk, "fault")
    assert "differ" in held.detail
    assert wallet_balance(lan.member) == 4 * 1099
    assert differences() == []


def test_a_released_fault_is_credited(bo: Member, lan: Distributor) -> None:
    ingest(order(bo, received=True))
    DueCredit.objects.filter(commission__distributor=lan).update(amount=1)
    settle_all(at=RELEASED)

    release_holds(CommissionHold.objects.filter(reason="fault"))

    assert settle_all(at=RELEASED) == 1
    assert wallet_balance(lan.member) == 1099


def test_due_commissions_of_a_frozen_distributor_wait_for_the_unfreeze(
    bo: Member, lan: Distributor, qian: User
) -> None:
    ingest(order(bo, received=True))
    set_status(lan, "frozen", qian)
    assert not CommissionHold.objects.exists()
    assert settle_all(at=RELEASED) == 2  # Mei's is credited, Lan's held
    assert wallet_balance(lan.member) == 0

    set_status(lan, "active", qian)

    assert settle_all(at=RELEASED) == 1
    assert wallet_balance(lan.member) == 1099


def test_commissions_that_fall_due_while_frozen_are_held(
    bo: Member, lan: Distributor, qian: User
) -> None:
    set_status(lan, "frozen", qian, at=PLACED + DAY)
    ingest(order(bo, received=True))
    assert not CommissionHold.objects.exists()

    settle_all(at=RELEASED)

    assert [held.reason for held in CommissionHold.objects.all()] == ["frozen"]
    set_status(lan, "suspended", qian)
    assert settle_all(at=RELEASED) == 1


def test_thaws_are_released_in_batches(bo: Member, lan: Distributor, qian: User) -> None:
    ingest(*(order(bo, number=f"O-{n}", received=True) for n in range(3)))
    set_status(lan, "frozen", qian)
    settle_all(at=RELEASED)
    set_status(lan, "active", qian)

    assert [release_unfrozen(limit=2) for _ in range(3)] == [2, 1, 0]
    assert settle_all(at=RELEASED) == 3


@pytest.mark.parametrize("status", ["suspended", "exited"])
def test_a_distributor_active_at_placement_is_credited_later(
    bo: Member, lan: Distributor, qian: User, status: str
) -> None:
    ingest(order(bo, received=True))
    if status == "exited":
        exit_distributor(distributor=lan, by=qian, at=PLACED + DAY, reason="离开")
    else:
        set_status(lan, status, qian, at=PLACED + DAY)

    settle_all(at=RELEASED)

    assert wallet_balance(lan.member) == 1099


def test_a_refund_of_a_frozen_commission_lowers_the_later_credit(
    bo: Member, lan: Distributor, qian: User
) -> None:
    ingest(order(bo, received=True))
    set_status(lan, "frozen", qian)
    ingest(with_refund(order(bo, received=True), refund(3663)))

    set_status(lan, "active", qian)
    settle_all(at=RELEASED)

    assert wallet_balance(lan.member) == 732
    assert differences() == []


def test_a_commission_with_two_holds_waits_for_both(
    bo: Member, lan: Distributor, qian: User
) -> None:
    snapshot = order(bo, received=True)
    ingest(snapshot)
    set_status(lan, "frozen", qian)
    open_refund = refund(3663, done=False)
    ingest(with_refund(snapshot, open_refund))

    set_status(lan, "active", qian)
    assert settle_all(at=RELEASED) == 0

    ingest(with_refund(snapshot, refund(3663)))
    assert settle_all(at=RELEASED) == 2
    assert [row[4] for row in commissions()] == [732, 366]


def test_settlement_reads_no_held_commission(bo: Member) -> None:
    ingest(*(order(bo, line(), number=f"O-{n}", received=True) for n in range(40)))
    ingest(*(with_refund(order(bo, number=f"O-{n}", received=True),
                      refund(1, done=False, number=f"R-{n}")) for n in range(40)))  # fmt: skip
    assert CommissionHold.objects.count() == 80

    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT TEXT) " + PICK_DUE, [10**6, RELEASED, 100])
        query_plan = "\n".join(text for (text,) in cursor.fetchall())

    assert not DueCredit.objects.exists()
    assert "commissions_duecredit" in query_plan
    assert "commissions_commissionhold" not in query_plan
    assert re.search(r"commissions_duecredit.*rows=0(\.00)? ", query_plan)
