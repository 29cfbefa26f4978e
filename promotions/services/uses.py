"""Let an order of the mall use a coupon, and give it back."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from common.clock import format_moment
from common.errors import violated_constraint
from events.declarations import EventType
from events.services import record
from promotions.errors import (
    CouponExpired,
    CouponNotYetValid,
    CouponRevoked,
    CouponUsed,
    CouponUsedElsewhere,
    OrderHasCoupon,
)
from promotions.events import PROMOTIONS_COUPON_RETURNED, PROMOTIONS_COUPON_USED
from promotions.models import CouponGrant
from promotions.services.locks import lock_coupon, lock_grant
from promotions.services.revocations import revoke

ORDER_CONSTRAINT = "coupon_grant_one_per_order"


@transaction.atomic
def use_coupon(*, grant: CouponGrant, order_number: str, at: datetime) -> None:
    """Let an order use a coupon: once, and one for each order. The same order may say so again.

    :param order_number: the order's number in the mall, which may not be known here yet
    :raises CouponUsed: another order has used it
    :raises CouponRevoked, CouponNotYetValid, CouponExpired: it cannot be used now
    :raises OrderHasCoupon: the order uses another coupon
    """
    lock_grant(grant)
    if grant.used_at is not None:
        if grant.order_number == order_number:
            return
        raise CouponUsed(order=grant.order_number)
    _require_valid(grant, at)
    try:
        with transaction.atomic():
            CouponGrant.objects.filter(pk=grant.pk).update(order_number=order_number, used_at=at)
    except IntegrityError as error:
        if violated_constraint(error) != ORDER_CONSTRAINT:
            raise
        raise OrderHasCoupon(order=order_number) from error
    grant.order_number, grant.used_at = order_number, at
    _record(PROMOTIONS_COUPON_USED, grant, order_number, at)


@transaction.atomic
def return_coupon(*, grant: CouponGrant, order_number: str, at: datetime) -> None:
    """Give a coupon back, because its order was cancelled or refunded wholly.

    The same order may say so again. A coupon that was to be revoked meanwhile is revoked now.

    :raises CouponUsedElsewhere: another order has used it
    :raises CouponExpired: its time has passed: it stays used
    """
    lock_coupon(grant.coupon)
    lock_grant(grant)
    if grant.used_at is None:
        return
    if grant.order_number != order_number:
        raise CouponUsedElsewhere(order=grant.order_number)
    if grant.valid_until <= at:
        raise CouponExpired(until=format_moment(grant.valid_until))
    reason, grant.revoke_when_returned = grant.revoke_when_returned, ""
    grant.order_number, grant.used_at = "", None
    grant.save(update_fields=["order_number", "used_at", "revoke_when_returned"])
    _record(PROMOTIONS_COUPON_RETURNED, grant, order_number, at)
    if reason:
        revoke(grant, reason=reason, at=at)


def _require_valid(grant: CouponGrant, at: datetime) -> None:
    if grant.revoked_at is not None:
        raise CouponRevoked
    if at < grant.valid_from:
        raise CouponNotYetValid(since=format_moment(grant.valid_from))
    if grant.valid_until <= at:
        raise CouponExpired(until=format_moment(grant.valid_until))


def _record(event_type: EventType, grant: CouponGrant, order_number: str, at: datetime) -> None:
    record(
        event_type, grant, at=at, coupon=grant.coupon.public_id, member=grant.member.public_id,
        order=order_number,
    )  # fmt: skip
