"""Awards are held with a reason, and go on by themselves when it ends; some orders never count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from distribution.models import Distributor
from distribution.services import change_status
from incentives.models import Award, Contribution, Metric, PeriodClosing
from incentives.services.awards import release_waiting, review_held
from ledger.chart import Asset
from members.closing import close_blockers, close_member
from members.models import Member
from risk.models import Hold, RuleName
from risk.services import release
from tests.cast import NOON, member, staff
from tests.incentives.awards import given_award
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    give_back,
    hold_payee,
    merge,
    work,
)
from tests.incentives.offers import published, reward
from tests.risk.shop import PHONE, screened_for
from tests.shop import DAY, distributor, make_referral, plan, rule, wallet_balance

pytestmark = pytest.mark.django_db

Status = Distributor.Status


def set_status(who: Member, to: Status, *, day: int = 0) -> None:
    change_status(
        distributor=Distributor.objects.get(member=who), to=to, by=staff("Qian"),
        at=RELEASED + day * DAY, reason="checked",
    )  # fmt: skip
    work()


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
def test_what_is_held_for_who_exited_is_refused_once_the_account_is_closed(
    lan: Member, bo: Member
) -> None:
    published(metric=Metric.OWN_ORDERS)
    plan(rule(0, 0), at=NOON + timedelta(hours=1))
    buy(bo)
    set_status(lan, Status.EXITED, day=-1)
    complete_by(RELEASED)

    close_member(member=lan, at=RELEASED + DAY)
    assert awards(lan) == [("O-1:cash", 1_000, 0, "held")]
    work()

    assert awards(lan) == [("O-1:cash", 1_000, 0, "refused")]
    [refused] = events("incentives.award_refused")
    assert (refused["reason"], refused["amount"]) == ("account_closed", 1_000)
    assert wallet_balance(lan) == 0
    assert review_held(at=RELEASED + 30 * DAY) == 0
    assert awards(lan) == [("O-1:cash", 1_000, 0, "refused")]


@pytest.mark.slow
def test_what_is_counted_after_an_account_is_closed_is_refused(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS)
    plan(rule(0, 0), at=NOON + timedelta(hours=1))
    buy(bo)
    set_status(lan, Status.EXITED, day=-5)
    close_member(member=lan, at=RELEASED - DAY)
    complete_by(RELEASED)

    assert awards(lan) == [("O-1:cash", 1_000, 0, "refused")]
    assert wallet_balance(lan) == 0


@pytest.mark.slow
def test_nothing_reaches_an_account_that_was_merged_into_a_closed_one(
    lan: Member, bo: Member
) -> None:
    """The award of a closed period stays with the account that reached it."""
    lin = member("Lin")
    distributor(lin)
    award = given_award(lin, 500, at=RELEASED, waiting=True)
    PeriodClosing.objects.create(
        incentive=award.incentive, period_start=award.period_start, closed_at=RELEASED,
        status="final",
    )  # fmt: skip
    merge(lin, lan)
    set_status(lan, Status.EXITED, day=3)
    release_waiting(closing=PeriodClosing.objects.get(), at=RELEASED + 3 * DAY)
    assert awards(lin) == [("from:1:cash", 500, 0, "held")]

    close_member(member=lan, at=RELEASED + 4 * DAY)
    work()

    assert awards(lin) == [("from:1:cash", 500, 0, "refused")]
    assert wallet_balance(lan) == wallet_balance(lin) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("hold", "blocks"), [("frozen", True), ("risk", True), ("exited", False)])
def test_only_what_may_still_be_given_keeps_an_account_open(
    lan: Member, hold: str, *, blocks: bool
) -> None:
    given_award(lan, 500, at=RELEASED, waiting=True)
    Award.objects.update(status="held", hold=hold)

    assert ("awards_open" in {row.code for row in close_blockers(lan)}) == blocks


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
def test_a_shared_payee_that_is_found_with_the_buyer_takes_the_award_back(
    lan: Member, bo: Member
) -> None:
    """Bo withdraws, and has the payee of Lan, who sold to Bo."""
    published(metric=Metric.OWN_ORDERS)
    buy(bo)
    complete_by(RELEASED)
    assert wallet_balance(lan) == 1_000

    hold = hold_payee(bo, lan)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]

    release(hold=hold, by=staff("Feng"), at=RELEASED + DAY, reason="mother and daughter")
    work()
    assert awards(lan) == [("O-1:cash", 1_000, 1_000, "granted")]


@pytest.mark.slow
@pytest.mark.parametrize("holder", ["Chen", "Dan"])
def test_a_friend_who_shares_the_payee_of_the_bringer_counts_no_more(
    chen: Member, bo: Member, holder: str
) -> None:
    """Chen is no distributor, so that no tier of Dan's order names them."""
    dan = member("Dan")
    make_referral(chen, dan, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800, asset=Asset.STORE_CREDIT)])
    buy(dan)
    complete_by(RELEASED)
    assert wallet_balance(chen, Asset.STORE_CREDIT) == 800

    held, other = (chen, dan) if holder == "Chen" else (dan, chen)
    hold = hold_payee(held, other)

    assert awards(chen) == [("friend:store_credit", 0, 0, "taken_back")]
    assert wallet_balance(chen, Asset.STORE_CREDIT) == 0

    release(hold=hold, by=staff("Feng"), at=RELEASED + DAY, reason="two cousins")
    work()
    assert awards(chen) == [("friend:store_credit", 800, 800, "granted")]


@pytest.mark.slow
def test_what_merged_accounts_share_counts_for_their_persons(lan: Member, bo: Member) -> None:
    """The hold is for an account that was Bo's; the order is of another one that was, too."""
    published(metric=Metric.OWN_ORDERS)
    first, second = member("Bo 1"), member("Bo 2")
    make_referral(lan, first)
    buy(first)
    complete_by(RELEASED)
    merge(first, bo)
    merge(second, bo)
    assert wallet_balance(lan) == 1_000

    hold_payee(second, lan)

    assert awards(lan) == [("O-1:cash", 0, 0, "taken_back")]


@pytest.mark.slow
def test_members_who_are_no_distributors_get_store_credit_instead_of_cash(
    chen: Member, lan: Member
) -> None:
    """Chen has no code, Lan is a distributor: one incentive pays each what the law allows."""
    dan, eve = member("Dan"), member("Eve")
    make_referral(chen, dan, at=NOON)
    make_referral(lan, eve, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800)])

    buy(dan, "O-1")
    buy(eve, "O-2")
    complete_by(RELEASED)

    award = Award.objects.get(member=chen)
    assert (award.asset, award.posted) == ("store_credit", 800)
    assert (wallet_balance(chen), wallet_balance(chen, Asset.STORE_CREDIT)) == (0, 800)
    assert wallet_balance(lan) == 800
