"""A coupon that stayed because it was used is taken back when its order returns it."""

from __future__ import annotations

from datetime import datetime

import pytest

from closing.controls import run_control
from closing.models import Control
from incentives.models import AwardPosting, Budget, Metric, PeriodKind, Version
from incentives.services.catching_up import catch_up
from incentives.services.revoked_coupons import book_revoked, settle_again
from members.models import Member
from orders.models import Order
from orders.services import complete
from orders.snapshots import OrderSnapshot
from promotions.models import CouponGrant
from promotions.services import return_coupon, revoke_coupon, use_coupon
from tests import shop
from tests.cast import give, staff
from tests.incentives.engine.story import (
    RELEASED,
    awards,
    buy,
    complete_by,
    events,
    everything,
    give_back,
    work,
)
from tests.incentives.engine.test_kinds import a_coupon
from tests.incentives.offers import published, reward
from tests.shop import DAY, PLACED

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

REFUNDED, RETURNED = RELEASED + DAY, RELEASED + 2 * DAY
KEPT = ("friend:coupon", 0, 1, "granted")
TAKEN_BACK = ("friend:coupon", 0, 0, "taken_back")
GIVEN = ("friend:coupon", 1, 1, "granted")


def for_friends() -> OrderSnapshot:
    """Let Bo's first order give a coupon to Lan, who brought Bo; it is used when that is lost."""
    published(
        metric=Metric.REFERRED_BUYERS, most_per_member=2,
        rewards=[reward(kind="coupon", coupon=a_coupon(per_member=1_000))],
    )  # fmt: skip
    return used_and_lost()


def for_two_orders() -> OrderSnapshot:
    """Let two orders of the campaign give a coupon; it is used when one of them is lost."""
    published(
        metric=Metric.OWN_ORDERS, period=PeriodKind.CAMPAIGN, reach=Version.Reach.STEPS,
        rewards=[reward(kind="coupon", coupon=a_coupon(), threshold=2)],
    )  # fmt: skip
    buyer = Member.objects.get(nickname="Bo")
    buy(buyer, "O-0", day=-1)
    return used_and_lost()


def used_and_lost() -> OrderSnapshot:
    told = buy(Member.objects.get(nickname="Bo"), "O-1")
    complete_by(RELEASED)
    use_coupon(grant=CouponGrant.objects.get(), order_number="U-1", at=RELEASED)
    give_back(told, 10_990, quantity=1, at=REFUNDED)
    assert CouponGrant.objects.get().revoke_when_returned == "award_taken_back"
    return told


def order_returns_it(*, at: datetime = RETURNED) -> CouponGrant:
    grant = CouponGrant.objects.get()
    return_coupon(grant=grant, order_number="U-1", at=at)
    grant.refresh_from_db()
    assert grant.revoked_at == at
    return grant


def books() -> tuple[int, list[int]]:
    """Return the awards that the budget has given, and all moves; the daily control is content."""
    assert run_control(Control.AWARDS, RETURNED.date()) == []
    moves = AwardPosting.objects.order_by("pk").values_list("change", flat=True)
    return Budget.objects.get().awards, list(moves)


def usable() -> int:
    return CouponGrant.objects.filter(revoked_at=None, used_at=None).count()


def test_its_award_is_taken_back_and_the_budget_has_it_again(lan: Member, bo: Member) -> None:
    for_friends()
    assert (awards(lan), books()) == ([KEPT], (1, [1]))

    order_returns_it()
    work()

    assert (awards(lan), books()) == ([TAKEN_BACK], (0, [1, -1]))
    [lost] = events("incentives.award_taken_back")
    assert (lost["member"], lost["kind"], lost["amount"]) == (lan.public_id, "coupon", 1)


def test_the_next_order_of_the_friend_gives_a_coupon_again(lan: Member, bo: Member) -> None:
    for_friends()
    order_returns_it()
    work()

    buy(bo, "O-2", day=12)
    complete_by(RELEASED + 12 * DAY)

    assert (awards(lan), books()) == ([TAKEN_BACK, GIVEN], (1, [1, -1, 1]))
    assert usable() == 1


def test_what_was_not_given_meanwhile_is_given_then(lan: Member, bo: Member) -> None:
    """The next order counted while the first coupon was still used."""
    for_friends()
    buy(bo, "O-2", day=12)
    complete_by(RELEASED + 12 * DAY)
    assert awards(lan) == [KEPT]

    order_returns_it(at=RELEASED + 13 * DAY)
    work()

    assert (awards(lan), books()) == ([TAKEN_BACK, GIVEN], (1, [1, -1, 1]))
    assert usable() == 1


def test_a_limit_has_room_again(lan: Member, bo: Member) -> None:
    published(
        metric=Metric.OWN_ORDERS, period=PeriodKind.CAMPAIGN, most_per_member=1,
        rewards=[reward(kind="coupon", coupon=a_coupon())],
    )  # fmt: skip
    used_and_lost()
    buy(bo, "O-2", day=8)
    complete_by(RELEASED + 8 * DAY)
    assert awards(lan) == [("O-1:coupon", 0, 1, "granted")]

    order_returns_it(at=RELEASED + 9 * DAY)
    work()

    assert awards(lan) == [("O-1:coupon", 0, 0, "taken_back"), ("O-2:coupon", 1, 1, "granted")]
    assert (books(), usable()) == ((1, [1, -1, 1]), 1)


def test_the_same_step_gives_a_new_coupon(lan: Member, bo: Member) -> None:
    for_two_orders()
    order_returns_it()
    work()
    assert awards(lan) == [("from:2:coupon", 0, 0, "taken_back")]

    buy(bo, "O-2", day=3)
    complete_by(RELEASED + 3 * DAY)

    assert awards(lan) == [("from:2:coupon", 1, 1, "granted")]
    assert (books(), usable()) == ((1, [1, -1, 1]), 1)


def test_a_step_that_is_due_again_before_a_worker_follows_gives_a_new_coupon(
    lan: Member, bo: Member
) -> None:
    for_two_orders()
    order_returns_it()
    shop.ingest(shop.order(bo, number="O-2", placed_at=PLACED, received=True))
    while complete(at=RELEASED):
        pass
    catch_up(orders=[Order.objects.get(number="O-2").pk], at=RETURNED)
    assert awards(lan) == [("from:2:coupon", 1, 1, "granted")]
    assert usable() == 0

    work()

    assert awards(lan) == [("from:2:coupon", 1, 1, "granted")]
    assert (books(), usable()) == ((1, [1, -1, 1]), 1)


def test_following_it_again_moves_nothing(lan: Member, bo: Member) -> None:
    for_two_orders()
    grant = order_returns_it()
    buy(bo, "O-2", day=3)
    complete_by(RELEASED + 3 * DAY)
    before, moves = everything(), books()

    book_revoked(keys={grant.key}, at=RETURNED)
    settle_again(awards={grant.key.split(":")[1]}, at=RETURNED)
    work()

    assert (everything(), books()) == (before, moves)


def test_what_a_person_revokes_stays_booked(lan: Member, bo: Member) -> None:
    """The award was given and earned; why the coupon was revoked is with the coupon."""
    published(
        metric=Metric.REFERRED_BUYERS, most_per_member=2,
        rewards=[reward(kind="coupon", coupon=a_coupon(per_member=1_000))],
    )  # fmt: skip
    buy(bo, "O-1")
    complete_by(RELEASED)
    key = CouponGrant.objects.get().key

    by = give(staff("Qian"), "give_coupon")
    assert revoke_coupon(key=key, at=REFUNDED, reason="sold on", by=by)
    work()

    assert (awards(lan), books()) == ([GIVEN], (1, [1]))
