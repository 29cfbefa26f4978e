"""An order uses a coupon once, and gives it back while it is valid."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from events.models import Event
from members.models import Member
from promotions.errors import (
    CouponExpired,
    CouponNotYetValid,
    CouponRevoked,
    CouponUsed,
    CouponUsedElsewhere,
    OrderHasCoupon,
)
from promotions.models import CouponGrant, GrantState, RevokeReason
from promotions.services import keep_coupon, return_coupon, revoke_coupon
from tests.cast import NOON
from tests.promotions.coupons import DAY, LATER, counts, coupon, grant, use

pytestmark = pytest.mark.django_db
TAKEN_BACK = RevokeReason.AWARD_TAKEN_BACK
LAST_SECOND = NOON + 7 * DAY - timedelta(seconds=1)
OVER = NOON + 7 * DAY


@pytest.fixture
def held(bo: Member) -> CouponGrant:
    """Bo's coupon, valid for seven days from noon."""
    return grant(coupon(per_member=2), bo)


def give_back(row: CouponGrant, order: str = "M-1", *, at: datetime = LATER) -> None:
    return_coupon(grant=row, order_number=order, at=at)


def now(row: CouponGrant) -> tuple[str, bool]:
    row.refresh_from_db()
    return row.order_number, row.used_at is not None


def recorded() -> list[str]:
    rows = Event.objects.filter(subject_kind="promotions.coupongrant").order_by("pk")
    return [name.removeprefix("promotions.coupon_") for name in rows.values_list("name", flat=True)]


def test_an_order_uses_it_and_the_same_order_may_say_so_again(held: CouponGrant) -> None:
    use(held, at=LAST_SECOND)
    use(held, at=OVER)

    assert now(held) == ("M-1", True)
    assert recorded() == ["granted", "used"]


def test_another_order_does_not_use_it_too(held: CouponGrant) -> None:
    use(held)

    with pytest.raises(CouponUsed):
        use(held, "M-2")

    assert now(held) == ("M-1", True)


def test_an_order_uses_one_coupon(held: CouponGrant, bo: Member) -> None:
    other = grant(held.coupon, bo, key="award:a2:1")
    use(held)

    with pytest.raises(OrderHasCoupon):
        use(other)

    assert now(other) == ("", False)


@pytest.mark.parametrize(
    ("at", "refusal"),
    [(NOON - timedelta(seconds=1), CouponNotYetValid), (OVER, CouponExpired)],
)
def test_it_is_used_within_its_time(
    held: CouponGrant, at: datetime, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        use(held, at=at)

    assert now(held) == ("", False)


def test_a_revoked_one_is_not_used(held: CouponGrant) -> None:
    revoke_coupon(key=held.key, at=NOON, reason="taken back")

    with pytest.raises(CouponRevoked):
        use(held)

    assert now(held) == ("", False)


def test_a_cancelled_order_gives_it_back_and_another_uses_it(held: CouponGrant) -> None:
    use(held)
    give_back(held)
    give_back(held)
    use(held, "M-2")

    assert now(held) == ("M-2", True)
    assert recorded() == ["granted", "used", "returned", "used"]


def test_only_the_order_that_used_it_gives_it_back(held: CouponGrant) -> None:
    use(held)

    with pytest.raises(CouponUsedElsewhere):
        give_back(held, "M-2")

    assert now(held) == ("M-1", True)


def test_after_its_time_it_stays_used(held: CouponGrant) -> None:
    use(held)

    with pytest.raises(CouponExpired):
        give_back(held, at=OVER)

    assert now(held) == ("M-1", True)
    give_back(held, at=LAST_SECOND)
    assert now(held) == ("", False)


def test_one_that_was_to_be_revoked_is_revoked_when_it_comes_back(held: CouponGrant) -> None:
    use(held)
    assert not revoke_coupon(key=held.key, at=LATER, reason="the award was taken back")

    give_back(held)

    held.refresh_from_db()
    assert (held.revoked_at, held.revoke_reason) == (LATER, "the award was taken back")
    assert counts() == (0, 0)
    assert recorded() == ["granted", "used", "returned", "revoked"]


@pytest.mark.parametrize(
    ("reasons", "is_revoked"),
    [
        ([TAKEN_BACK], False),
        ([TAKEN_BACK, "stolen"], True),
        (["stolen", TAKEN_BACK], True),
    ],
)
def test_one_that_is_kept_is_revoked_only_for_another_reason(
    held: CouponGrant, reasons: list[str], *, is_revoked: bool
) -> None:
    use(held)
    for reason in reasons:
        revoke_coupon(key=held.key, at=LATER, reason=reason)

    keep_coupon(key=held.key)
    give_back(held)

    held.refresh_from_db()
    assert held.revoke_reason == ("stolen" if is_revoked else "")
    assert (held.revoked_at is not None) == is_revoked


def test_its_state_follows_its_life(held: CouponGrant) -> None:
    states = [held.state_at(at) for at in (NOON - DAY, NOON, LAST_SECOND, OVER)]
    use(held)
    used = held.state_at(OVER)
    give_back(held)
    revoke_coupon(key=held.key, at=LATER, reason="taken back")
    held.refresh_from_db()

    assert states == ["upcoming", "usable", "usable", "expired"]
    assert (used, held.state_at(NOON)) == ("used", "revoked")


@pytest.mark.parametrize("at", [NOON - DAY, NOON, OVER])
def test_lists_by_state_agree_with_the_state_of_each(
    held: CouponGrant, bo: Member, at: datetime
) -> None:
    for number, verb in enumerate(("use", "revoke"), start=2):
        row = grant(coupon(), bo, key=f"award:a{number}:1")
        if verb == "use":
            use(row)
        else:
            revoke_coupon(key=row.key, at=LATER, reason="taken back")

    rows = CouponGrant.objects.all()
    listed = {row.pk: state for state in GrantState for row in rows.in_state(state, at)}
    assert listed == {row.pk: row.state_at(at) for row in rows}
