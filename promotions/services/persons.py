"""What happens to coupons when members are merged, or close their accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from common.locks import lock_rows
from members.models import Member
from promotions.models import Coupon, CouponGrant
from promotions.services.locks import lock_grant
from promotions.services.revocations import revoke

CLOSED = "the account was closed"


@transaction.atomic
def merge_coupons(*, merged: Member, survivor: Member) -> int:
    """Move the coupons of a merged member to the survivor; return how many can still be used.

    The caller has marked the member as merged.
    """
    rows = CouponGrant.objects.filter(pk__in=lock_rows(CouponGrant.objects.filter(member=merged)))
    unused = rows.filter(used_at=None, revoked_at=None).count()
    rows.update(member=survivor)
    return unused


def revoke_coupons_of_closed(members: Sequence[Member], *, at: datetime) -> None:
    """Revoke the unused coupons of members who have closed their accounts.

    The caller is the flow of ``members.closed``, in the transaction of the closing.
    """
    for member in members:
        unused = CouponGrant.objects.filter(used_at=None, revoked_at=None).visible_to(member)
        grants = list(unused.select_related("coupon", "member").order_by("pk"))
        lock_rows(Coupon.objects.filter(pk__in={grant.coupon_id for grant in grants}))
        for grant in grants:
            lock_grant(grant)
            if grant.used_at is None and grant.revoked_at is None:
                revoke(grant, reason=CLOSED, at=at)
