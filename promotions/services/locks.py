"""Lock coupons and what members hold of them: the coupon first, then the grants."""

from __future__ import annotations

from common.locks import lock_rows
from promotions.models import Coupon, CouponGrant


def lock_coupon(coupon: Coupon) -> None:
    """Lock a coupon, and read it again."""
    lock_rows(Coupon.objects.filter(pk=coupon.pk))
    coupon.refresh_from_db()


def lock_grant(grant: CouponGrant) -> None:
    """Lock a member's coupon, and read it again."""
    lock_rows(CouponGrant.objects.filter(pk=grant.pk))
    grant.refresh_from_db()
