"""What happens to coupons when members are merged, or close their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from common.locks import lock_rows
from members.models import Member
from promotions.models import Coupon, CouponGrant, RevokeReason
from promotions.services.revocations import revoke_or_mark


@transaction.atomic
def merge_coupons(*, merged: Member, survivor: Member) -> int:
    """Move the coupons of a merged member to the survivor; return how many.

    The caller has marked the member as merged.
    """
    keys = lock_rows(CouponGrant.objects.filter(member=merged))
    return CouponGrant.objects.filter(pk__in=keys).update(member=survivor)


def revoke_coupons_of_closed(members: Sequence[Member], *, at: datetime) -> None:
    """Revoke the coupons of members who have closed their accounts; used ones when they come back.

    The caller is the flow of ``members.closed``, in the transaction of the closing.
    """
    for member in members:
        grants = list(CouponGrant.objects.filter(revoked_at=None).visible_to(member).order_by("pk"))
        lock_rows(Coupon.objects.filter(pk__in={grant.coupon_id for grant in grants}))
        for grant in grants:
            revoke_or_mark(grant, reason=RevokeReason.ACCOUNT_CLOSED, at=at)
