"""Withdrawals are assessed and held."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from distribution.models import Source
from distribution.services import refer
from ledger import services as ledger
from ledger.chart import Asset, Kind, Reason
from members.models import Member, User
from risk.models import Assessment, Case, Hold, Outcome, RuleName
from risk.services import evaluate_withdrawal, find_open_holds, release
from tests.cast import NOON, member
from tests.risk.shop import (
    LATER,
    PHONE,
    WITHDRAWAL,
    assess,
    evidence,
    outcomes,
    place_order,
    recorded,
    rule,
)
from tests.shop import DAY, PLACED, distributor, ingest, open_shop, order, refund, with_refund

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


def hold_withdrawal(member: Member, amount: int, number: int, **arguments: Any) -> None:
    """Hold an amount for an earlier withdrawal."""
    cash = ledger.account(member, Asset.CASH)
    common = {"source": ledger.Source("withdrawals.withdrawal", f"old{number}"),
              "effective_at": LATER - 10 * DAY, **arguments}  # fmt: skip
    ledger.transfer(
        key=f"credit:{number}", debit=ledger.platform_account(Kind.COMMISSION_EXPENSE), credit=cash,
        amount=amount, reason=Reason.COMMISSION, **common,
    )  # fmt: skip
    ledger.transfer(
        key=f"hold:{number}", debit=cash, credit=ledger.account(member, Asset.CASH, Kind.HELD),
        amount=amount, reason=Reason.HOLD, **common,
    )  # fmt: skip


def test_an_ordinary_withdrawal_passes_and_lists_rules_not_assessed(lan: Member) -> None:
    verdict = assess(lan)

    assert verdict.outcome == Outcome.PASS
    assert outcomes(verdict) == {
        "amount_spike": "not_assessed",
        "new_distributor": "pass",
        "refund_rate": "not_assessed",
        "self_purchase": "not_assessed",
        "shared_phone": "not_assessed",
        "shared_device": "not_assessed",
        "shared_address": "not_assessed",
        "shared_payee": "not_assessed",
        "shared_identity": "not_assessed",
        "binding_burst": "pass",
    }
    assert outcomes(verdict)["shared_payee"] == "not_assessed"
    assert not Hold.objects.exists()
    assert not Case.objects.exists()


def test_a_member_who_is_no_distributor_is_mostly_not_assessed(bo: Member) -> None:
    assert set(outcomes(assess(bo)).values()) == {"not_assessed"}


def test_a_sudden_high_amount_is_held(lan: Member) -> None:
    for number, amount in enumerate((1_000, 2_000, 3_000)):
        hold_withdrawal(lan, amount, number)

    high = assess(lan, amount=10_001)

    assert high.outcome == Outcome.HOLD
    assert evidence(high, RuleName.AMOUNT_SPIKE) == {
        "amount": 10_001, "count": 3, "median": 2_000, "maximum": 3_000,
        "threshold": 500, "min_sample": 3,
    }  # fmt: skip
    assert outcomes(assess(lan, amount=10_000))["amount_spike"] == "pass"


def test_its_own_hold_and_old_withdrawals_do_not_count(lan: Member) -> None:
    hold_withdrawal(lan, 1_000, 1)
    hold_withdrawal(lan, 1_000, 2, effective_at=LATER - 91 * DAY)
    hold_withdrawal(lan, 9_000, 3, source=ledger.Source(*WITHDRAWAL))

    assert evidence(assess(lan), RuleName.AMOUNT_SPIKE)["count"] == 1


def test_a_new_distributor_is_held(lan: Member) -> None:
    verdict = assess(lan, at=NOON + 7 * DAY - timedelta(seconds=1))

    assert outcomes(verdict)["new_distributor"] == "hold"
    assert evidence(verdict, RuleName.NEW_DISTRIBUTOR)["days"] == 6


def test_many_refunds_are_held(lan: Member, bo: Member) -> None:
    rule(RuleName.REFUND_RATE, min_sample=2)
    first = order(bo, received=True)
    ingest(first, order(bo, number="O-2"))
    assert outcomes(assess(lan))["refund_rate"] == "pass"

    ingest(with_refund(first, refund(3_663)))

    verdict = assess(lan)
    assert outcomes(verdict)["refund_rate"] == "hold"
    assert evidence(verdict, RuleName.REFUND_RATE)["matching"] == 1
    ingest(order(bo, number="O-3"), order(bo, number="O-4"))
    assert outcomes(assess(lan))["refund_rate"] == "pass"


def test_own_purchases_that_earn_are_counted(lan: Member) -> None:
    from orders.models import Policy  # noqa: PLC0415 - of this test alone

    Policy.objects.update(self_purchase=Policy.SelfPurchase.SELF)
    rule(RuleName.SELF_PURCHASE, min_sample=1)
    place_order(lan, "O-1")

    verdict = assess(lan)

    assert outcomes(verdict)["self_purchase"] == "hold"
    assert evidence(verdict, RuleName.SELF_PURCHASE) == {
        "orders": 1, "matching": 1, "threshold": 30, "min_sample": 1,
    }  # fmt: skip


def test_contacts_shared_with_buyers_are_held(lan: Member, bo: Member) -> None:
    place_order(lan, "O-1", contact=PHONE)
    place_order(bo, "O-2", contact={**PHONE, "device": "another"})

    verdict = assess(lan)

    assert {name: outcomes(verdict)[name] for name in outcomes(verdict) if "shared" in name} == {
        "shared_phone": "hold",
        "shared_device": "pass",
        "shared_address": "pass",  # one may be family
        "shared_payee": "not_assessed",
        "shared_identity": "not_assessed",
    }
    assert evidence(verdict, RuleName.SHARED_PHONE) == {
        "own_contacts": 1, "buyers": 1, "shared": 1, "threshold": 1, "min_sample": 0,
    }  # fmt: skip
    assert not evidence(verdict, RuleName.SHARED_DEVICE)["shared"]
    assert evidence(verdict, RuleName.SHARED_ADDRESS)["shared"] == 1


def test_a_buyer_counts_once_however_much_they_buy(lan: Member, bo: Member) -> None:
    place_order(lan, "O-1", contact=PHONE)
    for number in range(2, 5):
        place_order(bo, f"O-{number}", contact=PHONE)

    assert evidence(assess(lan), RuleName.SHARED_PHONE)["shared"] == 1


def test_a_buyer_without_contact_is_not_compared(lan: Member, bo: Member) -> None:
    place_order(lan, "O-1", contact=PHONE)
    place_order(bo, "O-2", contact={"device": "d1"})

    verdict = assess(lan)
    assert outcomes(verdict)["shared_phone"] == "not_assessed"
    assert evidence(verdict, RuleName.SHARED_DEVICE)["shared"] == 1


def test_a_payee_shared_with_others_is_held(lan: Member, bo: Member) -> None:
    alone = assess(lan, payee_hash="h1", payee_shared_with=[lan.pk])
    shared = assess(lan, payee_hash="h1", payee_shared_with=[lan.pk, bo.pk])

    assert outcomes(alone)["shared_payee"] == "pass"
    assert outcomes(shared)["shared_payee"] == "hold"
    assert evidence(shared, RuleName.SHARED_PAYEE) == {
        "others": 1, "members": [bo.public_id], "payee": "h1", "threshold": 1, "min_sample": 0,
    }  # fmt: skip


def test_an_id_number_of_two_members_is_held(lan: Member, bo: Member) -> None:
    assert outcomes(assess(lan, identity_shared_with=[]))["shared_identity"] == "pass"

    shared = assess(lan, identity_shared_with=[bo.pk])

    assert outcomes(shared)["shared_identity"] == "hold"
    assert evidence(shared, RuleName.SHARED_IDENTITY)["members"] == [bo.public_id]


def test_cancelled_withdrawals_do_not_count(lan: Member) -> None:
    for number, amount in enumerate((1_000, 2_000, 3_000)):
        hold_withdrawal(lan, amount, number)
    hold_withdrawal(lan, 90_000, 4)
    cash, held = (ledger.account(lan, Asset.CASH, kind) for kind in (Kind.WALLET, Kind.HELD))
    ledger.transfer(
        key="release:4", debit=held, credit=cash, amount=90_000, reason=Reason.RELEASE,
        source=ledger.Source("withdrawals.withdrawal", "old4"), effective_at=LATER - DAY,
    )  # fmt: skip

    assert outcomes(assess(lan, amount=90_000))["amount_spike"] == "hold"


def test_a_release_counts_only_for_the_same_payee(lan: Member, bo: Member, qian: User) -> None:
    assess(lan, payee_hash="wife", payee_shared_with=[bo.pk])
    release(hold=Hold.objects.get(), by=qian, at=LATER, reason="his wife's card")

    assert assess(lan, payee_hash="wife", payee_shared_with=[bo.pk]).outcome == Outcome.PASS
    assert assess(lan, payee_hash="other", payee_shared_with=[bo.pk]).outcome == Outcome.HOLD


def test_many_bindings_within_an_hour_are_held(lan: Member) -> None:
    rule(RuleName.BINDING_BURST, threshold=3)

    def bind(name: str, minutes: int, source: Source = Source.SHARE) -> None:
        at = PLACED + timedelta(minutes=minutes)
        refer(member=member(name), referrer=lan, source=source, at=at)

    for number, minutes in enumerate((0, 50, 100, 150)):
        bind(f"New {number}", minutes)
        bind(f"Import {number}", minutes, Source.IMPORT)
    assert evidence(assess(lan), RuleName.BINDING_BURST)["max_per_hour"] == 2
    bind("New 5", 155)

    verdict = assess(lan)

    assert outcomes(verdict)["binding_burst"] == "hold"
    assert evidence(verdict, RuleName.BINDING_BURST)["max_per_hour"] == 3


def test_a_hold_is_opened_once_and_belongs_to_one_case(lan: Member) -> None:
    for _ in range(2):
        assess(lan, at=NOON + DAY, payee_shared_with=[99])

    assert sorted(Hold.objects.values_list("rule", flat=True)) == [
        "new_distributor", "shared_payee",
    ]  # fmt: skip
    case = Case.objects.get()
    assert (case.subject, case.member, case.holds.count()) == (WITHDRAWAL, lan, 2)
    assert Assessment.objects.filter(rule="shared_payee").count() == 2
    assert (recorded("risk.held"), recorded("risk.case_opened")) == (2, 1)
    assert [subject.rule for subject in find_open_holds([WITHDRAWAL])[WITHDRAWAL]] == [
        "new_distributor", "shared_payee",
    ]  # fmt: skip


def test_block_wins_over_hold(lan: Member) -> None:
    rule(RuleName.SHARED_PAYEE, effect=Outcome.BLOCK)

    assert assess(lan, at=NOON + DAY).outcome == Outcome.HOLD
    assert assess(lan, at=NOON + DAY, payee_shared_with=[99]).outcome == Outcome.BLOCK


def test_a_released_hold_is_not_opened_again(lan: Member, qian: User) -> None:
    verdict = assess(lan, at=NOON + DAY)
    release(hold=verdict.holds[0], by=qian, at=LATER, reason="known in person")

    again = assess(lan, at=NOON + DAY)

    assert again.outcome == Outcome.PASS
    assert outcomes(again)["new_distributor"] == "hold"
    assert Hold.objects.count() == 1
    another = assess(lan, at=NOON + DAY, subject=WITHDRAWAL._replace(id="w2"))
    assert another.outcome == Outcome.HOLD


def test_a_disabled_rule_is_not_evaluated(lan: Member) -> None:
    rule(RuleName.NEW_DISTRIBUTOR, enabled=False)

    assert "new_distributor" not in outcomes(assess(lan, at=NOON + DAY))


def test_evaluation_writes_nothing(lan: Member) -> None:
    findings = evaluate_withdrawal(subject=WITHDRAWAL, member=lan, amount=1, at=NOON + DAY)

    assert findings["new_distributor"].outcome == "hold"
    assert not Assessment.objects.exists()
    assert not Hold.objects.exists()


def test_open_holds_of_many_subjects_need_one_query(lan: Member) -> None:
    assess(lan, at=NOON + DAY)
    subjects = [WITHDRAWAL, *(WITHDRAWAL._replace(id=f"none{n}") for n in range(9))]

    with CaptureQueriesContext(connection) as seen:
        findings = find_open_holds(subjects)

    assert len(seen) == 1
    assert [len(findings[subject]) for subject in subjects] == [1, *[0] * 9]
    assert find_open_holds([]) == {}


def test_more_sales_need_no_more_queries(lan: Member, bo: Member) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assess(lan)
        return len(seen)

    few = queries()
    for number in range(20):
        place_order(bo, f"O-{number}", contact=PHONE)
    distributor(bo)

    assert queries() == few
