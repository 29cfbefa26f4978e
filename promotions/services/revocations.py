"""Take unused coupons back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from common.requirements import require_permission, require_reason
from events.services import record
from members.models import User
from promotions.events import PROMOTIONS_COUPON_REVOKED
from promotions.models import Coupon, CouponGrant, RevokeReason
from promotions.services.locks import lock_coupon, lock_grant

GIVE = "promotions.give_coupon"


@transaction.atomic
def revoke_coupon(*, key: str, at: datetime, reason: str, by: User | None = None) -> bool:
    """Take a coupon back that has not been used; it returns to the stock.

    A used one stays, but is revoked when its order gives it back. Idempotent.

    :param key: the key with which it was given
    :param reason: a ``RevokeReason``, or the words of ``by``
    :param by: who revokes it by hand; ``None``: the system
    :returns: whether it is revoked
    :raises PermissionMissing: ``by`` may not revoke coupons
    :raises ReasonRequired: the reason is empty or too long
    """
    if by is not None:
        require_permission(by, GIVE)
    reason = require_reason(reason)
    grant = CouponGrant.objects.select_related("coupon", "member").get(key=key)
    lock_coupon(grant.coupon)
    return revoke_or_mark(grant, reason=reason, at=at, by=by)


@transaction.atomic
def keep_coupon(*, key: str) -> None:
    """Let a used coupon stay whose award was taken back and is due again. Idempotent.

    What was marked for another reason is still revoked when its order gives it back.

    :param key: the key with which it was given
    """
    grants = CouponGrant.objects.filter(key=key)
    marked = grants.filter(revoke_when_returned=RevokeReason.AWARD_TAKEN_BACK)
    marked.update(revoke_when_returned="")


def revoke_or_mark(
    grant: CouponGrant, *, reason: str, at: datetime, by: User | None = None
) -> bool:
    """Revoke a coupon of a locked one, or mark it if it is used; return whether it is revoked."""
    lock_grant(grant)
    if grant.used_at is not None:
        # An award that is due again removes its own mark, and must find that of a person.
        if not grant.revoke_when_returned or reason != RevokeReason.AWARD_TAKEN_BACK:
            grant.revoke_when_returned = reason
            grant.save(update_fields=["revoke_when_returned"])
        return False
    if grant.revoked_at is None:
        revoke(grant, reason=reason, at=at, by=by)
    return True


def revoke(grant: CouponGrant, *, reason: str, at: datetime, by: User | None = None) -> None:
    """Revoke an unused coupon. The caller holds the locks of the coupon and of the grant."""
    grant.revoked_at, grant.revoke_reason = at, reason
    grant.save(update_fields=["revoked_at", "revoke_reason"])
    Coupon.objects.filter(pk=grant.coupon_id).update(granted=F("granted") - 1)
    record(
        PROMOTIONS_COUPON_REVOKED, grant, at=at, by=by, coupon=grant.coupon.public_id,
        member=grant.member.public_id, reason=reason,
    )  # fmt: skip
