"""Awards follow a merge: what was given stays given, and is given only once."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.explanations import explain
from incentives.models import Award, AwardPosting, Metric, PeriodKind, Version
from incentives.services.catching_up import catch_up
from ledger.chart import Asset
from ledger.proof import differences
from members.models import Member
from orders.models import Order
from promotions.models import Coupon, CouponGrant
from promotions.services import use_coupon
from tests.cast import member
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    give_back,
    merge,
    work,
)
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, distributor, make_referral, wallet_balance

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MONTHLY: dict[str, Any] = {"period": PeriodKind.MONTH, "reach": Version.Reach.STEPS}


@pytest.fixture
def lin(lan: Member) -> Member:
    """A second account of Lan, with a buyer of its own."""
    second = member("Lin")
    distributor(second)
    make_referral(second, member("Dora"))
    return second


@pytest.fixture
def coupon(bo: Member) -> Coupon:
    return a_coupon(per_member=1_000)


def bring_friends(coupon: Coupon, *friends: Member) -> None:
    """Let the first order of each friend give a coupon to the referrer and one to the friend."""
    published(
        metric=Metric.REFERRED_BUYERS,
        most_per_member=2,
        rewards=[
            reward(kind="coupon", coupon=coupon),
            reward(kind="coupon", coupon=coupon, side="friend"),
        ],
    )
    for number, friend in enumerate(friends, 1):
        buy(friend, f"O-{number}")
    complete_by(RELEASED)


def moves() -> list[tuple[int, int]]:
    """Return award and change of all that was given or taken back."""
    return list(AwardPosting.objects.order_by("pk").values_list("award", "change"))


def test_a_friend_who_was_merged_is_no_new_friend(lan: Member, bo: Member, coupon: Coupon) -> None:
    bring_friends(coupon, bo)
    given, survivor = moves(), member("Bob")

    merge(bo, survivor)

    assert moves() == given
    assert len(given) == 2
    assert awards(lan) == awards(survivor) == [("friend:coupon", 1, 1, "granted")]
    assert awards(bo) == []
    assert CouponGrant.objects.filter(revoked_at=None).count() == 2
    steps = Award.objects.values_list("step", flat=True)
    assert set(steps) == {f"friend:{survivor.pk}:coupon"}
    assert "O-1" in " ".join(explain(Award.objects.get(member=lan)))


def test_a_friend_may_have_several_accounts(lan: Member, bo: Member, coupon: Coupon) -> None:
    bring_friends(coupon, bo)
    given, survivor = moves(), member("Bob")

    merge(member("Third"), survivor)
    merge(bo, survivor)

    assert moves() == given
    assert awards(lan) == [("friend:coupon", 1, 1, "granted")]


def test_two_friends_who_are_one_count_once(
    lan: Member, bo: Member, dan: Member, coupon: Coupon
) -> None:
    bring_friends(coupon, bo, dan)
    assert awards(lan) == [("friend:coupon", 1, 1, "granted")] * 2

    merge(bo, dan)

    kept, ended = Award.objects.filter(member=lan).order_by("posted").reverse()
    assert (kept.posted, kept.moves, kept.step) == (1, 1, f"friend:{dan.pk}:coupon")
    assert (ended.status, ended.posted, ended.moves) == ("taken_back", 0, 2)
    assert CouponGrant.objects.filter(member=lan, revoked_at=None).count() == 1
    assert explain(ended)[-1].startswith("已结束：")


def test_a_used_coupon_of_an_award_that_ends_stays(
    lan: Member, bo: Member, dan: Member, coupon: Coupon
) -> None:
    bring_friends(coupon, bo, dan)
    of_bo = Award.objects.get(member=lan, step__startswith=f"friend:{bo.pk}:")
    grant = CouponGrant.objects.get(key=f"award:{of_bo.public_id}:1")
    use_coupon(grant=grant, order_number="O-9", at=RELEASED)

    merge(bo, dan)

    of_bo.refresh_from_db()
    assert (of_bo.status, of_bo.target, of_bo.posted) == ("granted", 0, 1)
    assert Award.objects.filter(member=lan, posted=1).count() == 2


def test_a_friend_who_is_the_bringer_counts_no_more(
    chen: Member, bo: Member, coupon: Coupon
) -> None:
    friend = member("Fang")
    make_referral(chen, friend)
    bring_friends(coupon, friend)

    merge(friend, chen)

    assert sorted(row[1:] for row in awards(chen)) == [(0, 0, "taken_back")] * 2
    assert not CouponGrant.objects.filter(revoked_at=None).exists()


def test_a_step_that_the_budget_refused_to_one_account_keeps_what_the_other_got(
    lan: Member, bo: Member, lin: Member
) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], budget_awards=1, **MONTHLY)
    buy(member("Dora"), "O-1")
    complete_by(RELEASED)
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    assert awards(lin) == [("from:1:cash", 1_000, 1_000, "granted")]
    assert awards(lan) == [("from:1:cash", 1_000, 0, "refused")]
    refused, given = Award.objects.get(member=lan), moves()

    merge(lin, lan)

    assert awards(lan) == [
        ("from:1:cash", 1_000, 1_000, "granted"),
        (f"from:1:cash:other:{refused.pk}", 0, 0, "refused"),
    ]
    assert awards(lin) == []
    assert moves() == given
    assert (wallet_balance(lan), wallet_balance(lin)) == (1_000, 0)
    assert differences() == []


def test_an_award_that_may_still_be_given_goes_on_before_a_refused_one(
    lan: Member, bo: Member, lin: Member
) -> None:
    published(metric=Metric.OWN_ORDERS, rewards=[reward(threshold=1)], budget_awards=1, **MONTHLY)
    first = buy(member("Dora"), "O-1")
    complete_by(RELEASED)
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    give_back(first, 10_990, quantity=1, at=RELEASED + DAY)
    assert awards(lin) == [("from:1:cash", 0, 0, "taken_back")]
    assert awards(lan) == [("from:1:cash", 1_000, 0, "refused")]
    refused = Award.objects.get(member=lan)

    merge(lin, lan)

    assert awards(lan) == [
        ("from:1:cash", 1_000, 1_000, "granted"),
        (f"from:1:cash:other:{refused.pk}", 0, 0, "refused"),
    ]
    assert wallet_balance(lan) == 1_000


def test_money_that_both_accounts_got_is_given_once(lan: Member, bo: Member, lin: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, rewards=[reward(700, asset=Asset.POINTS, threshold=1)], **MONTHLY
    )
    buy(member("Dora"), "O-1")
    buy(bo, "O-2")
    complete_by(RELEASED)
    ended = Award.objects.get(member=lin)

    merge(lin, lan)

    assert awards(lan) == [
        ("from:1:points", 700, 700, "granted"),
        (f"from:1:points:other:{ended.pk}", 0, 0, "taken_back"),
    ]
    assert (wallet_balance(lan, Asset.POINTS), wallet_balance(lin, Asset.POINTS)) == (700, 0)
    assert differences() == []


def test_orders_counted_before_the_merge_is_followed_give_nothing_again(
    lan: Member, bo: Member, lin: Member, coupon: Coupon
) -> None:
    published(
        metric=Metric.OWN_ORDERS, most_per_member=2, rewards=[reward(kind="coupon", coupon=coupon)]
    )
    bring_friends(coupon, bo)
    buy(member("Dora"), "O-2", day=1)
    complete_by(RELEASED + DAY)
    given, survivor = moves(), member("Bob")
    assert len(given) == 6

    merge(bo, survivor, is_followed=False)
    merge(lin, lan, is_followed=False)
    catch_up(orders=list(Order.objects.values_list("pk", flat=True)), at=RELEASED + DAY)

    assert moves() == given
    assert [awards(bo), awards(lin)] == [[], []]
    work()
    assert moves() == given
    assert not CouponGrant.objects.exclude(revoked_at=None).exists()
