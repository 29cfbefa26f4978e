"""Awards are held with a reason, and go on by themselves when it ends; some orders never count."""

from __future__ import annotations

import pytest

from distribution.models import Distributor
from distribution.services import change_status
from events.models import Reference
from incentives.models import Award, Contribution, Metric, Policy
from incentives.services.awards import review_held
from ledger.chart import Asset
from members.models import Member
from risk.models import Assessment, Hold, Outcome, RuleName, Stage
from risk.services import release
from risk.services.holds import create_holds
from tests.cast import NOON, member, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    give_back,
    work,
)
from tests.incentives.offers import published, reward
from tests.risk.shop import PHONE, screened_for
from tests.shop import DAY, make_referral, wallet_balance

pytestmark = pytest.mark.django_db

Status = Distributor.Status


def set_status(who: Member, to: Status, *, day: int = 0) -> None:
    change_status(
        distributor=Distributor.objects.get(member=who), to=to, by=staff("Qian"),
        at=RELEASED + day * DAY, reason="checked",
    )  # fmt: skip
    work()


def hold_payee(who: Member, buyer: Member) -> Hold:
    """Hold a withdrawal of a distributor whose payee a buyer has, too."""
    subject = Reference("withdrawals.withdrawal", "w1")
    found = Assessment.objects.create(
        stage=Stage.WITHDRAWAL, member=who, rule=RuleName.SHARED_PAYEE, outcome=Outcome.HOLD,
        subject_kind=subject.kind, subject_id=subject.id,
        evidence={"others": 1, "members": [buyer.public_id]}, at=NOON,
    )  # fmt: skip
    [hold] = create_holds({found: subject}, at=NOON)
    work()
    return hold


@pytest.mark.slow
def test_the_award_of_a_frozen_distributor_is_held_and_then_given(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    set_status(lan, Status.FROZEN, day=-9)
    buy(bo)
    complete_by(RELEASED)

    assert awards(lan) == [("O-1:cash", 1_000, 0, "held")]
    [held] = events("incentives.award_held")
    assert (held["reason"], held["amount"]) == ("frozen", 1_000)
    assert wallet_balance(lan) == 0

    set_status(lan, Status.ACTIVE)

    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]
    assert wallet_balance(lan) == 1_000


def test_the_award_of_an_exited_distributor_stays_held(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    set_status(lan, Status.EXITED, day=-1)
    complete_by(RELEASED)

    assert awards(lan) == [("O-1:cash", 1_000, 0, "held")]
    assert review_held(at=RELEASED + 30 * DAY) == 0
    assert Award.objects.get().hold == "exited"


@pytest.mark.slow
def test_what_is_held_is_lowered_by_a_refund(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    set_status(lan, Status.FROZEN, day=-9)
    told = buy(bo)
    complete_by(RELEASED)

    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)
    set_status(lan, Status.ACTIVE, day=2)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]
    assert wallet_balance(lan) == 0


def test_an_order_that_the_risk_rules_hold_holds_its_award(lan: Member, bo: Member) -> None:
    """A ring of accounts: Bo orders with Lan's phone."""
    published(metric=Metric.OWN_ORDERS)
    screened_for(RuleName.SHARED_PHONE)
    buy(lan, "LAN", contact=PHONE)
    buy(bo, "O-1", contact=PHONE)
    complete_by(RELEASED)
    assert awards(lan) == [("O-1:cash", 1_000, 0, "held")]
    assert events("incentives.award_held")[-1]["reason"] == "risk"

    release(
        hold=Hold.objects.get(member=lan), by=staff("Feng"), at=RELEASED + DAY, reason="one flat"
    )  # fmt: skip
    work()

    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_orders_of_who_shares_a_payee_never_count(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    hold = hold_payee(lan, bo)
    buy(bo)
    complete_by(RELEASED)
    assert awards(lan) == []
    assert not Contribution.objects.exists()

    release(hold=hold, by=staff("Feng"), at=RELEASED + DAY, reason="mother and daughter")
    work()

    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
def test_a_shared_payee_that_is_found_later_takes_the_award_back(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    complete_by(RELEASED)
    assert wallet_balance(lan) == 1_000

    hold_payee(lan, bo)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]
    assert wallet_balance(lan) == 0


@pytest.mark.slow
def test_members_who_are_no_distributors_get_store_credit_instead_of_cash(
    chen: Member, lan: Member
) -> None:
    """The settings allowed cash for members, and no longer do."""
    dan, eve = member("Dan"), member("Eve")
    make_referral(chen, dan, at=NOON)
    make_referral(lan, eve, at=NOON)
    Policy.objects.update(pays_members_cash=True)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800)])
    Policy.objects.update(pays_members_cash=False)

    buy(dan, "O-1")
    buy(eve, "O-2")
    complete_by(RELEASED)

    award = Award.objects.get(member=chen)
    assert (award.asset, award.posted) == ("store_credit", 800)
    assert (wallet_balance(chen), wallet_balance(chen, Asset.STORE_CREDIT)) == (0, 800)
    assert wallet_balance(lan) == 800
