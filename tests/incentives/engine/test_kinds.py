"""What can be given: money of each asset, coupons, gifts, levels, boosts and factors; and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import translation

from commissions.models import Boost
from distribution.models import Distributor, Level
from incentives.explanations import explain
from incentives.models import (
    Award,
    GiftTask,
    Metric,
    PeriodKind,
    PointsFactor,
    Policy,
    Version,
)
from incentives.services.gifts import send_gift
from ledger.chart import Asset
from ledger.models import Transfer
from ledger.proof import differences
from members.models import Member
from promotions.models import Coupon, CouponGrant
from promotions.services import (
    claim_coupon,
    end_coupon,
    use_coupon,
)
from tests.cast import NOON, give, member, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    give_back,
)
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, make_referral, sku, wallet_balance

pytestmark = pytest.mark.django_db

AFTER = RELEASED + DAY


def give_coupon_for_each_order(coupon: Coupon, **terms: Any) -> Version:
    return published(
        metric=Metric.OWN_ORDERS, rewards=[reward(kind="coupon", coupon=coupon)],
        period=PeriodKind.CAMPAIGN, **{"most_per_member": 1, **terms},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asset", "payer"),
    [
        (Asset.CASH, "incentive_expense"),
        (Asset.BONUS, "incentive_expense"),
        (Asset.STORE_CREDIT, "issued"),
        (Asset.POINTS, "issued"),
    ],
)
def test_money_of_each_asset_comes_from_its_account(
    lan: Member, bo: Member, asset: Asset, payer: str
) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(700, asset=asset)])
    told = buy(bo)
    complete_by(RELEASED)

    award = Award.objects.get()
    paid = Transfer.objects.get(key=f"award:{award.public_id}:1")
    assert (paid.debit.kind, paid.credit.member, paid.amount) == (payer, lan, 700)
    assert wallet_balance(lan, asset) == 700

    give_back(told, 10_990, quantity=1, at=AFTER)

    back = Transfer.objects.get(key=f"award:{award.public_id}:2")
    assert (back.debit.member, back.credit.kind, back.amount) == (lan, payer, 700)
    assert wallet_balance(lan, asset) == 0
    assert differences() == []


@pytest.mark.slow
def test_an_unused_coupon_is_revoked(lan: Member, bo: Member) -> None:
    give_coupon_for_each_order(a_coupon())
    told = buy(bo)
    complete_by(RELEASED)
    grant = CouponGrant.objects.get(member=lan)
    assert grant.key == f"award:{Award.objects.get().public_id}:1"

    give_back(told, 10_990, quantity=1, at=AFTER)

    grant.refresh_from_db()
    assert (grant.revoked_at, grant.revoke_reason) == (AFTER, "award_taken_back")
    assert awards(lan) == [("O-1:coupon", 0, 0, "taken_back")]


@pytest.mark.slow
def test_a_used_coupon_stays(lan: Member, bo: Member) -> None:
    give_coupon_for_each_order(a_coupon())
    told = buy(bo)
    complete_by(RELEASED)
    use_coupon(grant=CouponGrant.objects.get(), order_number="O-9", at=RELEASED)

    give_back(told, 10_990, quantity=1, at=AFTER)

    assert CouponGrant.objects.get().revoked_at is None
    assert awards(lan) == [("O-1:coupon", 0, 1, "granted")]
    assert events("incentives.award_taken_back") == []


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("coupon_out_of_stock", "Not given: the coupon had run out."),
        ("coupon_not_published", "Not given: the coupon had ended."),
        (
            "coupon_limit_reached",
            "Not given: the limit per member of this coupon was reached.",
        ),
    ],
)
def test_a_coupon_that_cannot_be_given_is_refused(
    mei: Member, lan: Member, bo: Member, reason: str, said: str
) -> None:
    coupon = a_coupon(stock=2 if reason == "coupon_limit_reached" else 1, is_claimable=True)
    version = give_coupon_for_each_order(coupon)
    buy(bo, "O-1")
    complete_by(RELEASED)
    match reason:
        case "coupon_not_published":
            end_coupon(coupon=coupon, reason="over", by=staff("Marketer"), at=RELEASED)
        case "coupon_limit_reached":
            claim_coupon(coupon=coupon, member=mei, at=RELEASED)
    held = set(CouponGrant.objects.values_list("key", flat=True))
    buy(lan, "O-2", day=1)
    complete_by(AFTER)

    assert awards(mei) == [("O-2:coupon", 1, 0, "refused")]
    [refused] = events("incentives.award_refused")
    award = Award.objects.get(member=mei)
    assert refused["reason"] == award.refusal == reason
    with translation.override("en"):
        assert explain(award)[-1] == said
    assert version.incentive.budget.awards == 1
    assert set(CouponGrant.objects.values_list("key", flat=True)) == held


def test_a_gift_is_a_task_until_it_is_sent(lan: Member, bo: Member) -> None:
    cup = sku("cup")
    published(metric=Metric.OWN_ORDERS, rewards=[reward(kind="gift", gift=cup)])
    first, second = buy(bo, "O-1"), buy(bo, "O-2", day=1)
    complete_by(AFTER)
    sent, open_task = GiftTask.objects.order_by("pk")
    send_gift(task=sent, note="SF123", by=give(staff("Qian"), "change_gifttask"), at=AFTER)

    for told in (first, second):
        give_back(told, 10_990, quantity=1, at=AFTER + DAY, number=f"R-{told.number}")

    open_task.refresh_from_db()
    assert open_task.status == "cancelled"
    assert awards(lan) == [
        ("O-1:gift", 0, 1, "granted"), ("O-2:gift", 0, 0, "taken_back"),
    ]  # fmt: skip


@pytest.mark.slow
def test_a_level_is_given_for_days_and_ends_with_its_award(lan: Member, bo: Member) -> None:
    gold = Level.objects.create(rank=8, name="Gold")
    published(metric=Metric.OWN_ORDERS, rewards=[reward(kind="level", level=gold, days=30)])
    told = buy(bo)
    complete_by(RELEASED)
    assert Distributor.objects.get(member=lan).level == gold

    give_back(told, 10_990, quantity=1, at=AFTER)

    assert Distributor.objects.get(member=lan).level is None


@pytest.mark.slow
def test_a_boost_counts_for_later_orders_and_ends_with_its_award(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(kind="boost", rate=20_000, days=30)])
    told = buy(bo)
    complete_by(RELEASED)
    [boost] = Boost.objects.all()
    assert (boost.distributor.member, boost.starts_at) == (lan, RELEASED)
    assert boost.ends_at == RELEASED + timedelta(days=30)

    give_back(told, 10_990, quantity=1, at=AFTER)

    boost.refresh_from_db()
    assert boost.ended_at == AFTER


@pytest.mark.slow
def test_a_factor_of_points_is_a_benefit_for_days(lan: Member, bo: Member) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(kind="factor", rate=20_000, days=10)])
    told = buy(bo)
    complete_by(RELEASED)
    factor = PointsFactor.objects.get(member=lan)
    assert (factor.rate, factor.ends_at) == (20_000, RELEASED + timedelta(days=10))

    give_back(told, 10_990, quantity=1, at=AFTER)

    factor.refresh_from_db()
    assert factor.ends_at == AFTER


@pytest.mark.slow
def test_a_factor_ends_at_its_start_where_a_refund_is_told_late(lan: Member, bo: Member) -> None:
    """The refund was done before the order was completed here and the factor was given."""
    published(metric=Metric.OWN_ORDERS, rewards=[reward(kind="factor", rate=20_000, days=10)])
    told = buy(bo)
    complete_by(AFTER)
    factor = PointsFactor.objects.get()

    give_back(told, 10_990, quantity=1, at=factor.starts_at - timedelta(hours=1))

    factor.refresh_from_db()
    assert factor.ends_at == factor.starts_at
    assert awards(lan) == [("O-1:factor", 0, 0, "taken_back")]


@pytest.mark.slow
def test_what_only_distributors_have_is_refused_for_others(chen: Member, bo: Member) -> None:
    """Terms like these are not published; the awards refuse them all the same."""
    dan = member("Dan")
    make_referral(chen, dan, at=NOON)
    version = published(metric=Metric.REFERRED_BUYERS, rewards=[reward(9, asset=Asset.POINTS)])
    boost = reward(kind="boost", rate=20_000, days=30)
    boost.version = version
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        boost.save()
        cursor.execute("SET session_replication_role = origin")
    buy(dan)
    complete_by(RELEASED)

    assert awards(chen) == [("friend:boost", 1, 0, "refused"), ("friend:points", 9, 9, "granted")]
    assert events("incentives.award_refused")[0]["reason"] == "not_distributor"


def test_cash_for_members_is_paid_if_the_settings_allow_it(chen: Member, bo: Member) -> None:
    Policy.objects.update(pays_members_cash=True)
    dan = member("Dan")
    make_referral(chen, dan, at=NOON)
    published(metric=Metric.REFERRED_BUYERS, rewards=[reward(800)])
    buy(dan)
    complete_by(RELEASED)

    assert wallet_balance(chen) == 800


def test_no_award_exceeds_the_share_of_what_its_order_paid(lan: Member, bo: Member) -> None:
    """60 % of ¥109.90 is ¥65.94; commissions of 15 % take ¥16.48 of it."""
    version = published(metric=Metric.OWN_ORDERS, rewards=[reward(4_000)])
    Policy.objects.update(most_of_an_order=4_000)
    buy(bo)
    complete_by(RELEASED)

    assert version.counts_money is False
    assert awards(lan) == [("O-1:cash", 4_396 - 1_648, 2_748, "granted")]
