"""Give coupons to members."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from common.clock import SHANGHAI, format_moment
from common.errors import violated_constraint
from common.requirements import require_permission, require_reason
from events.services import record
from members.models import Member, User
from members.persons import hold_survivors, survivor_keys, survivor_of
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
from promotions.events import PROMOTIONS_COUPON_GRANTED
from promotions.models import Coupon, CouponGrant
from promotions.queries import of_staff
from promotions.rules import validity
from promotions.services.coupons import terms_of
from promotions.services.locks import lock_coupon

GIVE = "promotions.give_coupon"
KEY_CONSTRAINT = "promotions_coupongrant_key_key"


@transaction.atomic
def grant_coupon(*, coupon: Coupon, member: Member, key: str, at: datetime) -> CouponGrant:
    """Give a coupon to a member for what they have done. Idempotent by ``key``.

    A merged member's coupon goes to the survivor. A key whose coupon was revoked gives no new one.

    :param key: such as ``award:{public id}:{number}``
    :raises CouponNotPublished: the coupon is a draft, or has ended
    :raises CouponOver: its dates have passed
    :raises CouponOutOfStock: as many as there are have been given
    :raises CouponLimitReached: the person has as many as one may get
    :raises CouponKeyReused: the key gave another coupon, or one to somebody else
    :raises AccountClosed: the member has closed the account
    """
    person = survivor_of(member)
    if given := _given(key, coupon, person):
        return given
    person = _hold_person(member)
    lock_coupon(coupon)
    return _given(key, coupon, person) or _give(coupon, person, key, at=at)


@transaction.atomic
def claim_coupon(*, coupon: Coupon, member: Member, at: datetime) -> CouponGrant:
    """Give a coupon to a member who asks for it.

    :raises CouponNotClaimable: it is only given for what a member has done
    :raises CouponOfOwnStaff: the person wrote or published it as staff
    :raises CouponNotPublished, CouponOver, CouponOutOfStock, CouponLimitReached, AccountClosed: as
        for ``grant_coupon``
    """
    person = _hold_person(member)
    lock_coupon(coupon)
    _require_published(coupon)
    if not coupon.is_claimable:
        raise CouponNotClaimable
    if Coupon.objects.filter(of_staff(person), pk=coupon.pk).exists():
        raise CouponOfOwnStaff
    return _give(coupon, person, _next_key("claim", coupon, person), at=at)


@transaction.atomic
def give_coupon(
    *, coupon: Coupon, member: Member, reason: str, by: User, at: datetime
) -> CouponGrant:
    """Give a coupon to a member by hand, such as after a complaint.

    :raises PermissionMissing: ``by`` may not give coupons
    :raises OwnCoupon: it is the person's own member
    :raises ReasonRequired: the reason is empty or too long
    :raises CouponNotPublished, CouponOver, CouponOutOfStock, CouponLimitReached, AccountClosed: as
        for ``grant_coupon``
    """
    require_permission(by, GIVE)
    reason = require_reason(reason)
    person = survivor_of(member)
    if by.member_id is not None and survivor_keys([by.member_id]).get(by.member_id) == person.pk:
        raise OwnCoupon
    person = _hold_person(member)
    lock_coupon(coupon)
    key = _next_key("staff", coupon, person)
    return _give(coupon, person, key, at=at, by=by, reason=reason)


def _hold_person(member: Member) -> Member:
    """Return the survivor, whose account is not closed until the transaction ends.

    Called before the lock of the coupon: closing an account locks the member first, too.
    """
    person = Member.objects.get(pk=hold_survivors([member.pk])[member.pk])
    if person.closed_at:
        raise AccountClosed
    return person


def _next_key(origin: str, coupon: Coupon, person: Member) -> str:
    """Return the key of the next coupon that a person gets this way; the coupon is locked."""
    keys = f"{origin}:{coupon.pk}:{person.pk}:"
    return f"{keys}{CouponGrant.objects.filter(key__startswith=keys).count() + 1}"


def _given(key: str, coupon: Coupon, person: Member) -> CouponGrant | None:
    grant = CouponGrant.objects.select_related("coupon", "member").filter(key=key).first()
    if grant is None:
        return None
    owner = survivor_keys([grant.member_id]).get(grant.member_id)
    if (grant.coupon_id, owner) != (coupon.pk, person.pk):
        raise CouponKeyReused(key=key)
    return grant


def _give(
    coupon: Coupon, person: Member, key: str, *, at: datetime, by: User | None = None,
    reason: str = "",
) -> CouponGrant:  # fmt: skip
    """Give one of a locked coupon."""
    _require_published(coupon)
    valid_from, valid_until = validity(terms_of(coupon), at)
    if valid_until <= at:
        raise CouponOver(until=format_moment(valid_until))
    _require_below_limit(coupon, person)
    _take_from_stock(coupon)
    grant = CouponGrant(
        coupon=coupon, member=person, key=key, granted_at=at, valid_from=valid_from,
        valid_until=valid_until,
    )  # fmt: skip
    _save(grant)
    record(
        PROMOTIONS_COUPON_GRANTED, grant, at=at, by=by, coupon=coupon.public_id,
        member=person.public_id, valid_from=_iso(valid_from), valid_until=_iso(valid_until),
        reason=reason or None,
    )  # fmt: skip
    return grant


def _require_published(coupon: Coupon) -> None:
    if coupon.status != Coupon.Status.PUBLISHED:
        raise CouponNotPublished


def _require_below_limit(coupon: Coupon, person: Member) -> None:
    rows = CouponGrant.objects.filter(coupon=coupon, revoked_at=None).visible_to(person)
    if rows.count() >= coupon.per_member:
        raise CouponLimitReached(limit=coupon.per_member)


def _take_from_stock(coupon: Coupon) -> None:
    # One guarded UPDATE is both the check and the change.
    left = Coupon.objects.filter(Q(stock=None) | Q(granted__lt=F("stock")), pk=coupon.pk)
    if left.update(granted=F("granted") + 1) != 1:
        raise CouponOutOfStock
    coupon.granted += 1


def _save(grant: CouponGrant) -> None:
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
    except IntegrityError as error:
        # Another coupon was given with this key at the same moment.
        if violated_constraint(error) != KEY_CONSTRAINT:
            raise
        raise CouponKeyReused(key=grant.key) from error


def _iso(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat()
