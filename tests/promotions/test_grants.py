"""Members get coupons by rewards, claims and by hand: as many as there are, once for each key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common.errors import PermissionMissing, ReasonRequired
from events.models import Event
from members.closing import close_member
from members.models import Member, User
from members.sessions.services import AccountClosed
from promotions.errors import (
    CouponKeyReused,
    CouponLimitReached,
    CouponNotClaimable,
    CouponNotPublished,
    CouponOfOwnStaff,
    CouponOutOfStock,
    CouponOver,
    OwnCoupon,
)
from promotions.queries import miscounted
from promotions.services import give_coupon, revoke_coupon
from tests.cast import NOON, give, link, staff
from tests.promotions.coupons import (
    DAY,
    LATER,
    claim,
    claimable,
    counts,
    coupon,
    draft,
    end,
    grant,
    use,
)

pytestmark = pytest.mark.django_db
WHY = "the award was taken back"


def test_a_reward_is_valid_for_days_from_its_grant(bo: Member) -> None:
    held = grant(coupon(stock=10), bo, at=LATER)

    assert (held.member, held.valid_from) == (bo, LATER)
    assert held.valid_until == LATER + timedelta(days=7)
    assert counts() == (1, 1)
    event = Event.objects.get(name="promotions.coupon_granted")
    assert event.subject_id == held.public_id
    assert event.data == {
        "coupon": held.coupon.public_id, "member": bo.public_id, "reason": None,
        "valid_from": "2026-11-01T13:00:00+08:00", "valid_until": "2026-11-08T13:00:00+08:00",
    }  # fmt: skip


def test_the_same_key_gives_the_same_coupon(bo: Member) -> None:
    row = coupon(stock=1)

    assert grant(row, bo, at=LATER) == grant(row, bo, at=NOON + DAY)

    assert counts() == (1, 1)
    assert Event.objects.filter(name="promotions.coupon_granted").count() == 1


def test_a_key_gives_nothing_else(bo: Member, chen: Member) -> None:
    row = coupon(per_member=2)
    grant(row, bo)

    for other, who in ((coupon(), bo), (row, chen)):
        with pytest.raises(CouponKeyReused):
            grant(other, who)

    assert counts() == (1, 1)


def test_the_stock_ends(bo: Member, chen: Member) -> None:
    row = coupon(stock=1)
    grant(row, bo)

    with pytest.raises(CouponOutOfStock):
        grant(row, chen, key="award:a2:1")

    assert counts() == (1, 1)


def test_a_person_gets_no_more_than_allowed_by_any_way(bo: Member, chen: Member) -> None:
    row = claimable(per_member=2)
    grant(row, bo)
    claim(row, bo)

    for refused in (lambda: claim(row, bo), lambda: grant(row, bo, key="award:a2:1")):
        with pytest.raises(CouponLimitReached):
            refused()

    claim(row, chen)
    assert counts() == (3, 3)


def test_a_draft_and_an_ended_one_are_not_given(bo: Member) -> None:
    ended = coupon(is_claimable=True)
    end(ended)

    for row in (draft(is_claimable=True), ended):
        for refused in (lambda row=row: grant(row, bo), lambda row=row: claim(row, bo)):
            with pytest.raises(CouponNotPublished):
                refused()

    assert counts() == (0, 0)


def test_one_whose_dates_have_passed_is_not_given(bo: Member) -> None:
    row = coupon(valid_from=NOON, valid_until=NOON + DAY)

    with pytest.raises(CouponOver):
        grant(row, bo, at=NOON + DAY)

    assert counts() == (0, 0)
    assert grant(row, bo, at=NOON + DAY - timedelta(seconds=1)).valid_until == NOON + DAY


def test_what_is_a_reward_only_is_not_claimed(bo: Member) -> None:
    with pytest.raises(CouponNotClaimable):
        claim(coupon(), bo)

    assert counts() == (0, 0)


@pytest.mark.parametrize("account", ["Marketer", "Publisher"])
def test_who_wrote_or_published_a_coupon_does_not_claim_it(
    bo: Member, mei: Member, account: str
) -> None:
    row = claimable()
    link(staff(account), bo)
    with pytest.raises(CouponOfOwnStaff):
        claim(row, bo)
    assert counts() == (0, 0)
    assert claim(row, mei)


def test_a_closed_account_gets_nothing(bo: Member) -> None:
    row = claimable()
    close_member(member=bo, at=NOON)

    for refused in (lambda: grant(row, bo), lambda: claim(row, bo)):
        with pytest.raises(AccountClosed):
            refused()

    assert counts() == (0, 0)


def test_a_revoked_coupon_returns_to_the_stock(bo: Member, chen: Member) -> None:
    row = coupon(stock=1)
    held = grant(row, bo)

    assert revoke_coupon(key=held.key, at=LATER, reason=WHY)

    held.refresh_from_db()
    assert (held.revoked_at, held.revoke_reason) == (LATER, WHY)
    assert counts() == (0, 0)
    grant(row, chen, key="award:a2:1")
    assert counts() == (1, 1)


def test_revoking_twice_revokes_once(bo: Member) -> None:
    held = grant(coupon(), bo)

    assert revoke_coupon(key=held.key, at=LATER, reason=WHY)
    assert revoke_coupon(key=held.key, at=NOON + DAY, reason="again")

    held.refresh_from_db()
    assert (held.revoked_at, counts()) == (LATER, (0, 0))
    assert Event.objects.filter(name="promotions.coupon_revoked").count() == 1


def test_a_revoked_key_gives_no_new_coupon_but_another_key_does(bo: Member) -> None:
    row = coupon()
    held = grant(row, bo)
    revoke_coupon(key=held.key, at=LATER, reason=WHY)

    assert grant(row, bo).revoked_at == LATER
    assert grant(row, bo, key="award:a1:3").revoked_at is None
    assert counts() == (1, 1)


def test_a_used_one_stays(bo: Member) -> None:
    held = grant(coupon(), bo)
    use(held)

    assert not revoke_coupon(key=held.key, at=LATER, reason=WHY)

    held.refresh_from_db()
    assert (held.revoked_at, held.order_number) == (None, "M-1")
    assert counts() == (1, 1)


def test_a_coupon_is_given_by_hand_with_a_reason(bo: Member) -> None:
    row, wei = coupon(per_member=2), give(staff("Wei"), "give_coupon")

    held = give_coupon(coupon=row, member=bo, reason="late parcel", by=wei, at=NOON)

    event = Event.objects.get(name="promotions.coupon_granted")
    assert (held.member, event.data["reason"], event.actor_id) == (bo, "late parcel", "wei")
    assert held.key == f"staff:{row.pk}:{bo.pk}:1"


def test_by_hand_needs_the_right_a_reason_and_somebody_else(qian: User, lan: Member) -> None:
    row, wei = coupon(), give(staff("Wei"), "give_coupon")
    link(wei, lan)

    with pytest.raises(PermissionMissing):
        give_coupon(coupon=row, member=lan, reason="late parcel", by=qian, at=NOON)
    with pytest.raises(ReasonRequired):
        give_coupon(coupon=row, member=lan, reason="", by=wei, at=NOON)
    with pytest.raises(OwnCoupon):
        give_coupon(coupon=row, member=lan, reason="late parcel", by=wei, at=NOON)

    assert counts() == (0, 0)


def test_revoking_by_hand_needs_the_right(qian: User, bo: Member) -> None:
    held = grant(coupon(), bo)

    with pytest.raises(PermissionMissing):
        revoke_coupon(key=held.key, at=LATER, reason=WHY, by=qian)

    assert counts() == (1, 1)


def test_the_count_of_a_coupon_is_that_of_its_grants(bo: Member, chen: Member) -> None:
    row = claimable(per_member=3)
    claim(row, bo)
    held = claim(row, chen)
    revoke_coupon(key=held.key, at=LATER, reason=WHY)
    claim(row, chen)

    assert counts() == (2, 2)
    assert not miscounted().exists()
