"""What cannot be taken back stays with the member, and is not given again for the same friend."""

from __future__ import annotations

import pytest

from incentives.models import Award, Budget, GiftTask, Metric, PeriodKind, Version
from incentives.services.gifts import send_gift
from members.models import Member
from orders.snapshots import OrderSnapshot
from promotions.models import CouponGrant
from promotions.services import return_coupon, use_coupon
from tests.cast import give, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    give_back,
)
from tests.incentives.offers import a_coupon, published, reward
from tests.shop import DAY, sku

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KEPT = ("friend:coupon", 0, 1, "granted")


@pytest.fixture
def first(lan: Member, bo: Member) -> OrderSnapshot:
    """Bo's first order: it gave a coupon to Lan, who brought Bo, and one to Bo."""
    coupon = a_coupon(per_member=1_000)
    published(
        metric=Metric.REFERRED_BUYERS,
        most_per_member=2,
        rewards=[
            reward(kind="coupon", coupon=coupon),
            reward(kind="coupon", coupon=coupon, side="friend"),
        ],
    )
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    assert awards(lan) == awards(bo) == [("friend:coupon", 1, 1, "granted")]
    return told


def use_both() -> None:
    for grant in CouponGrant.objects.all():
        use_coupon(grant=grant, order_number=f"U-{grant.pk}", at=RELEASED)


def return_all(told: OrderSnapshot, *, day: int = 1) -> None:
    give_back(told, 10_990, quantity=1, at=RELEASED + day * DAY)


def test_the_next_order_of_a_friend_gives_no_second_coupon(
    lan: Member, bo: Member, first: OrderSnapshot
) -> None:
    use_both()
    return_all(first)
    assert awards(lan) == awards(bo) == [KEPT]

    buy(bo, "O-2", day=12)
    complete_by(RELEASED + 12 * DAY)

    assert awards(lan) == awards(bo) == [KEPT]
    assert (CouponGrant.objects.count(), Budget.objects.get().awards) == (2, 2)
    assert events("incentives.award_refused") == []


def test_an_order_that_counts_instead_gives_no_second_coupon(
    lan: Member, bo: Member, first: OrderSnapshot
) -> None:
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    use_both()

    return_all(first, day=2)

    assert awards(lan) == awards(bo) == [KEPT]
    assert CouponGrant.objects.count() == 2


def test_what_was_taken_back_is_given_again(lan: Member, bo: Member, first: OrderSnapshot) -> None:
    return_all(first)

    buy(bo, "O-2", day=12)
    complete_by(RELEASED + 12 * DAY)

    again = [("friend:coupon", 0, 0, "taken_back"), ("friend:coupon", 1, 1, "granted")]
    assert awards(lan) == awards(bo) == again
    assert CouponGrant.objects.filter(revoked_at=None).count() == 2


def test_a_used_coupon_stays_when_its_award_is_due_again(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, period=PeriodKind.CAMPAIGN, reach=Version.Reach.STEPS,
        rewards=[reward(kind="coupon", coupon=a_coupon(), threshold=2)],
    )  # fmt: skip
    first = buy(bo, "O-1")
    buy(bo, "O-2", day=1)
    complete_by(RELEASED + DAY)
    grant = CouponGrant.objects.get()
    use_coupon(grant=grant, order_number="U-1", at=RELEASED + DAY)
    return_all(first, day=2)
    grant.refresh_from_db()
    assert grant.revoke_when_returned == "award_taken_back"

    buy(bo, "O-3", day=3)
    complete_by(RELEASED + 3 * DAY)
    return_coupon(grant=grant, order_number="U-1", at=RELEASED + 4 * DAY)

    assert awards(lan) == [("from:2:coupon", 1, 1, "granted")]
    grant.refresh_from_db()
    assert (grant.used_at, grant.revoked_at, grant.revoke_when_returned) == (None, None, "")


def test_a_gift_that_was_sent_is_not_sent_again_for_the_same_friend(
    lan: Member, bo: Member
) -> None:
    tea = sku("tea", price=500, cost=300)
    published(
        metric=Metric.REFERRED_BUYERS, rewards=[reward(kind="gift", gift=tea)], min_amount=5_000
    )
    told = buy(bo, "O-1")
    complete_by(RELEASED)
    sender = give(staff("Qian"), "change_gifttask")
    send_gift(task=GiftTask.objects.get(), note="SF123", by=sender, at=RELEASED)
    return_all(told)

    buy(bo, "O-2", day=12)
    complete_by(RELEASED + 12 * DAY)

    assert awards(lan) == [("friend:gift", 0, 1, "granted")]
    assert (GiftTask.objects.count(), Award.objects.count()) == (1, 1)
