"""Suspicious orders are held when they earn commissions, until a person releases them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from commissions.explanations import explain
from commissions.models import Commission, CommissionHold, DueCredit
from distribution.models import Distributor
from members.models import Member, User
from orders.services import complete
from risk.models import Assessment, Case, Hold, Rule, RuleName, ScreenedOrder, Stage
from risk.services import release
from risk.services.holds import AlreadyReleased, SelfReleaseForbidden
from risk.services.order_assessment import screen_orders
from tests.risk.shop import PHONE, RELEASED, place_order, recorded, rule, screened_for
from tests.shop import (
    DAY,
    PLACED,
    commissions,
    get_order,
    ingest,
    line,
    open_shop,
    order,
    referral_chain,
    refund,
    settle_all,
    wallet_balance,
    with_refund,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def bo(db: None) -> Member:
    return open_shop()


@pytest.fixture
def lan(bo: Member) -> Member:
    return Member.objects.get(nickname="Lan")


@pytest.fixture
def mei(bo: Member) -> Member:
    return Member.objects.get(nickname="Mei")


@pytest.fixture
def shared(lan: Member) -> None:
    """Hold orders with Lan's phone."""
    place_order(lan, "LAN", contact=PHONE)
    screened_for(RuleName.SHARED_PHONE)


def held() -> list[tuple[str, str]]:
    rows = CommissionHold.objects.order_by("pk").values_list(
        "commission__distributor__member__nickname", "reason"
    )
    return list(rows)


def test_by_default_no_order_is_screened(bo: Member, lan: Member) -> None:
    place_order(lan, "LAN", contact=PHONE)

    with CaptureQueriesContext(connection) as seen:
        place_order(bo, "O-1", contact=PHONE)

    assert len([row for row in seen if "risk_" in row["sql"]]) == 1
    assert not CommissionHold.objects.exists()
    assert not ScreenedOrder.objects.exists()


def test_an_unpaid_order_costs_no_query(bo: Member) -> None:
    with CaptureQueriesContext(connection) as seen:
        place_order(bo, "O-1", paid=False)

    assert [row for row in seen if "risk_" in row["sql"]] == []


def test_a_pending_commission_is_held_and_stays_out_of_the_queue(
    bo: Member, lan: Member, mei: Member, shared: None
) -> None:
    facts = order(bo, contact=PHONE)
    ingest(facts)
    assert held() == [("Lan", "risk")]

    ingest(order(bo, contact=PHONE, received=True))

    assert [state for *_, state in commissions()] == ["protected", "protected"]
    assert held() == [("Lan", "risk")]
    assert DueCredit.objects.count() == 1
    settle_all(at=RELEASED)
    assert (wallet_balance(lan), wallet_balance(mei)) == (0, 549)


def test_the_order_explains_the_risk_hold(bo: Member, lan: Member, shared: None) -> None:
    def sentences() -> list[str]:
        tiers = explain(get_order())[0].tiers
        return [str(tier.sentences[-1]) for tier in tiers]

    with override("en"):
        ingest(order(bo, contact=PHONE))
        assert ["under risk review" in sentence for sentence in sentences()] == [True, False]
        ingest(order(bo, contact=PHONE, received=True))
        assert ["under risk review" in sentence for sentence in sentences()] == [True, False]


def test_an_order_received_at_once_is_held(bo: Member, lan: Member, shared: None) -> None:
    ingest(order(bo, contact=PHONE, received=True))

    assert held() == [("Lan", "risk")]
    settle_all(at=RELEASED)
    assert wallet_balance(lan) == 0


def test_evidence_is_saved_and_one_case_collects_a_distributors_orders(
    bo: Member, lan: Member, shared: None
) -> None:
    for number in range(3):
        place_order(bo, f"O-{number}", contact=PHONE)

    case = Case.objects.get()
    assert case.member == lan
    assert case.subject.id == Distributor.objects.get(member=lan).public_id
    assert case.holds.count() == 3
    assert (recorded("risk.held"), recorded("risk.case_opened")) == (3, 1)
    row = Assessment.objects.filter(outcome="hold").latest("pk")
    assert row.evidence == {
        "own_contacts": 1,
        "buyers": 1,
        "shared": 1,
        "threshold": 1,
        "min_sample": 0,
    }
    # Mei has no orders, so her phone is unknown.
    assert (
        list(Assessment.objects.filter(member=case.member).values_list("outcome"))
        == [("hold",)] * 3
    )
    assert set(Assessment.objects.exclude(member=lan).values_list("outcome")) == {("not_assessed",)}


def test_an_order_that_passes_is_only_marked_as_screened(bo: Member, lan: Member) -> None:
    screened_for(RuleName.BINDING_BURST)

    place_order(bo, "O-1")

    assert ScreenedOrder.objects.get().order.number == "O-1"
    assert not Assessment.objects.exists()


def test_an_order_is_screened_once(bo: Member, lan: Member, shared: None) -> None:
    first = order(bo, contact=PHONE)
    ingest(first)
    count = Assessment.objects.count()
    with CaptureQueriesContext(connection) as seen:
        ingest(with_refund(order(bo, contact=PHONE, received=True), refund(100)))

    assert Assessment.objects.count() == count
    assert len([row for row in seen if "risk_" in row["sql"]]) == 2


def test_an_earlier_order_is_screened_when_it_changes(bo: Member, lan: Member) -> None:
    place_order(lan, "LAN", contact=PHONE)
    place_order(bo, "O-1", contact=PHONE)
    screened_for(RuleName.SHARED_PHONE)
    assert held() == []

    ingest(order(bo, contact=PHONE, received=True))

    assert held() == [("Lan", "risk")]
    assert DueCredit.objects.count() == 1


def test_credited_commissions_are_not_held(bo: Member, lan: Member) -> None:
    place_order(lan, "LAN", contact=PHONE)
    facts = order(bo, contact=PHONE, received=True)
    ingest(facts)
    settle_all(at=RELEASED)
    screened_for(RuleName.SHARED_PHONE)

    ingest(with_refund(facts, refund(100, at=RELEASED)), at=RELEASED)

    assert held() == []
    assert not ScreenedOrder.objects.filter(order__number="O-1").exists()


def test_own_purchases_and_amount_spikes_of_orders_are_held(bo: Member, lan: Member) -> None:
    screened_for(RuleName.AMOUNT_SPIKE, min_sample=2)
    for number in range(2):
        place_order(bo, f"O-{number}")
    assert held() == []

    ingest(order(bo, line(quantity=6), number="large"))

    assert held() == [("Lan", "risk"), ("Mei", "risk")]
    assert Assessment.objects.filter(outcome="hold").earliest("pk").evidence == {
        "amount": 6_594, "count": 2, "median": 1_099, "maximum": 1_099,
        "threshold": 500, "min_sample": 2,
    }  # fmt: skip


def test_a_commission_released_before_receipt_is_queued_at_receipt(
    bo: Member, lan: Member, qian: User, shared: None
) -> None:
    place_order(bo, "O-1", contact=PHONE)
    release(hold=Hold.objects.get(), by=qian, at=PLACED + DAY, reason="her mother")
    assert held() == []
    assert not DueCredit.objects.exists()

    ingest(order(bo, contact=PHONE, received=True))

    assert DueCredit.objects.count() == 2
    settle_all(at=RELEASED)
    assert wallet_balance(lan) == 1_099


def test_a_commission_released_after_receipt_is_queued_at_once(
    bo: Member, lan: Member, qian: User, shared: None
) -> None:
    ingest(order(bo, contact=PHONE, received=True))
    settle_all(at=RELEASED)

    release(hold=Hold.objects.get(), by=qian, at=RELEASED + DAY, reason=" her mother ")

    assert settle_all(at=RELEASED + DAY) == 1
    assert wallet_balance(lan) == 1_099
    hold = Hold.objects.get()
    assert (hold.released_by, hold.release_reason) == (qian, "her mother")
    assert recorded("risk.released") == 1


def test_a_commission_is_queued_only_when_the_last_hold_is_released(
    bo: Member, lan: Member, qian: User, shared: None
) -> None:
    screened_for(RuleName.SHARED_DEVICE)
    ingest(order(bo, contact=PHONE, received=True))
    first, second = Hold.objects.order_by("pk")

    release(hold=first, by=qian, at=RELEASED, reason="her mother")
    assert held() == [("Lan", "risk")]
    release(hold=second, by=qian, at=RELEASED, reason="her mother")

    assert held() == []
    assert DueCredit.objects.count() == 2


def test_a_released_commission_stays_held_for_another_reason(
    bo: Member, lan: Member, qian: User, shared: None
) -> None:
    facts = order(bo, contact=PHONE, received=True)
    ingest(facts)
    ingest(with_refund(facts, refund(100, done=False)))

    release(hold=Hold.objects.get(), by=qian, at=RELEASED, reason="her mother")

    assert ("Lan", "after_sale") in held()
    assert not DueCredit.objects.exists()


def test_a_refund_reduces_a_held_commission(
    bo: Member, lan: Member, qian: User, shared: None
) -> None:
    facts = order(bo, contact=PHONE, received=True)
    ingest(facts)
    ingest(with_refund(facts, refund(3_663)))

    release(hold=Hold.objects.get(), by=qian, at=RELEASED, reason="her mother")

    settle_all(at=RELEASED)
    assert wallet_balance(lan) == 732


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "reason_required"), ("  ", "reason_required"), ("x" * 201, "reason_required")],
)
def test_a_release_needs_a_reason(
    bo: Member, qian: User, shared: None, reason: str, code: str
) -> None:
    place_order(bo, "O-1", contact=PHONE)
    hold = Hold.objects.get()

    refused_with(code, hold, qian, reason)


def refused_with(code: str, hold: Hold, by: User, reason: str) -> None:
    """Check the error code, and that nothing has changed."""
    before = held(), list(Hold.objects.values()), recorded("risk.released")
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - which is asserted
        release(hold=hold, by=by, at=RELEASED, reason=reason)
    assert getattr(refusal.value, "code", "") == code
    assert (held(), list(Hold.objects.values()), recorded("risk.released")) == before


def test_an_own_or_released_hold_cannot_be_released(
    bo: Member, lan: Member, qian: User, feng: User, shared: None
) -> None:
    place_order(bo, "O-1", contact=PHONE)
    hold = Hold.objects.get()
    feng.member = lan
    feng.save()
    refused_with(SelfReleaseForbidden.code, hold, feng, "I am honest")
    qian.member = bo
    qian.save()

    release(hold=Hold.objects.get(), by=qian, at=RELEASED, reason="her mother")

    refused_with(AlreadyReleased.code, hold, qian, "again")


@pytest.mark.slow
def test_fifty_orders_need_as_many_queries_as_five(bo: Member, lan: Member) -> None:
    names = Rule.objects.filter(stage=Stage.ORDER).values_list("name", flat=True)
    screened_for(*names)
    screened_for(RuleName.SHARED_PHONE, RuleName.SHARED_DEVICE)
    place_order(lan, "LAN", contact=PHONE)

    def queries(count: int) -> int:
        facts: list[Any] = []
        for number in range(count):
            *_, buyer = referral_chain(
                f"{count}-{number}-M", f"{count}-{number}-L", f"{count}-{number}-B"
            )
            facts.append(order(buyer, number=f"{count}-{number}", received=True, contact=PHONE))
            facts.append(order(bo, number=f"{count}-{number}-bo", contact=PHONE))
        with CaptureQueriesContext(connection) as seen:
            ingest(*facts)
        return len(seen)

    queries(1)
    assert queries(5) == queries(50)
    assert Hold.objects.filter(rule=RuleName.SHARED_PHONE).count() == 56


def test_a_completed_order_is_not_screened(bo: Member) -> None:
    ingest(order(bo, received=True))
    settle_all(at=RELEASED)
    complete(at=RELEASED)

    with CaptureQueriesContext(connection) as seen:
        ingest(with_refund(order(bo, received=True), refund(100, at=RELEASED)), at=RELEASED)

    assert [row for row in seen if "risk_" in row["sql"]] == []


def test_screening_is_idempotent(bo: Member, lan: Member, shared: None) -> None:
    placed = place_order(bo, "O-1", contact=PHONE)

    assert screen_orders([placed], at=PLACED) == []
    assert Hold.objects.count() == 1


def test_a_disabled_rule_does_not_hold_orders(bo: Member, lan: Member, shared: None) -> None:
    rule(RuleName.SHARED_PHONE, Stage.ORDER, enabled=False)

    place_order(bo, "O-1", contact=PHONE)

    assert held() == []
    assert Commission.objects.filter(line__order__number="O-1").count() == 2


def test_a_second_account_of_the_same_person_is_held_in_tier_2(bo: Member, mei: Member) -> None:
    place_order(mei, "MEI", contact=PHONE)
    screened_for(RuleName.SHARED_PHONE)

    place_order(bo, "O-1", contact=PHONE)

    assert held() == [("Mei", "risk")]
