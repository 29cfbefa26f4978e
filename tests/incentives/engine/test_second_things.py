"""A thing that stays with a member counts as given: for the first sale, and within a limit."""

from __future__ import annotations

from typing import Any

import pytest

from incentives.models import Award, Budget, GiftTask, Metric, PeriodKind, Version
from incentives.services.gifts import send_gift
from members.models import Member
from promotions.models import Coupon, CouponGrant
from promotions.services import use_coupon
from tests.cast import give, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    give_back,
)
from tests.incentives.engine.test_kinds import a_coupon
from tests.incentives.offers import published, reward
from tests.shop import DAY, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

MONTHLY: dict[str, Any] = {"metric": Metric.OWN_ORDERS, "period": PeriodKind.MONTH}


def a_gift(**terms: Any) -> Version:
    tea = sku("tea", price=500, cost=300)
    return published(rewards=[reward(kind="gift", gift=tea)], min_amount=5_000, **terms)


def coupons(**terms: Any) -> Coupon:
    """Give a coupon for each own order of a month; the coupon itself may be had often."""
    coupon = a_coupon(per_member=1_000)
    published(**MONTHLY, rewards=[reward(kind="coupon", coupon=coupon)], **terms)
    return coupon


def sell(buyer: Member, number: str, *, day: int) -> None:
    buy(buyer, number, day=day)
    complete_by(RELEASED + day * DAY)


def send() -> None:
    sender = give(staff("Qian"), "change_gifttask")
    send_gift(task=GiftTask.objects.get(), note="SF123", by=sender, at=RELEASED)


def use_all() -> None:
    for grant in CouponGrant.objects.filter(used_at=None):
        use_coupon(grant=grant, order_number=f"U-{grant.pk}", at=RELEASED + DAY)


def test_the_next_first_sale_gives_no_second_gift(lan: Member, bo: Member) -> None:
    a_gift(metric=Metric.FIRST_SALE)
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    send()
    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)
    assert awards(lan) == [("O-1:gift", 0, 1, "granted")]

    sell(bo, "O-2", day=8)

    assert awards(lan) == [("O-1:gift", 0, 1, "granted")]
    assert (GiftTask.objects.count(), Budget.objects.get().awards) == (1, 1)
    assert events("incentives.award_refused") == []


def test_a_first_sale_whose_gift_was_cancelled_gives_it_again(lan: Member, bo: Member) -> None:
    a_gift(metric=Metric.FIRST_SALE)
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    sell(bo, "O-2", day=8)

    assert awards(lan) == [("O-1:gift", 0, 0, "taken_back"), ("O-2:gift", 1, 1, "granted")]


def test_a_gift_that_stays_counts_as_one_of_the_limit(lan: Member, bo: Member) -> None:
    a_gift(**MONTHLY, most_per_member=1)
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    send()
    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    sell(bo, "O-2", day=8)

    assert awards(lan) == [("O-1:gift", 0, 1, "granted")]
    assert (GiftTask.objects.count(), Award.objects.count()) == (1, 1)


def test_used_coupons_that_stay_leave_less_of_the_limit(lan: Member, bo: Member) -> None:
    """Two a month: one stays used, so one more is given, and no third."""
    coupons(most_per_member=2)
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    use_all()
    give_back(told, 10_990, quantity=1, at=RELEASED + 2 * DAY)

    sell(bo, "O-2", day=8)
    sell(bo, "O-3", day=9)

    kept = ("O-1:coupon", 0, 1, "granted")
    assert awards(lan) == [kept, ("O-2:coupon", 1, 1, "granted")]
    assert (CouponGrant.objects.count(), Budget.objects.get().awards) == (2, 2)


def test_an_order_that_moves_up_gives_nothing_for_one_that_stays(lan: Member, bo: Member) -> None:
    """The refund itself lets the second order count in the limit: nothing is free for it."""
    coupons(most_per_member=1)
    told = buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    assert awards(lan) == [("O-1:coupon", 1, 1, "granted")]
    use_all()

    give_back(told, 10_990, quantity=1, at=RELEASED + 2 * DAY)

    assert awards(lan) == [("O-1:coupon", 0, 1, "granted")]
    assert CouponGrant.objects.count() == 1


def test_without_a_limit_each_order_gives_its_own(lan: Member, bo: Member) -> None:
    """The control: what stays counts for its order only, where each order is rewarded."""
    a_gift(**MONTHLY)
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    send()
    give_back(told, 10_990, quantity=1, at=RELEASED + DAY)

    sell(bo, "O-2", day=8)

    assert awards(lan) == [("O-1:gift", 0, 1, "granted"), ("O-2:gift", 1, 1, "granted")]
